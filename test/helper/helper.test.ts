import { expect, test } from "vitest";
import { secret } from "../../src/credentials/secret.ts";
import type { Unanswered } from "../../src/credentials/socket-client.ts";
import type { Answer } from "../../src/credentials/socket-protocol.ts";
import type { HelperContext } from "../../src/helper/helper.ts";
import { storeOwnLogin } from "../../src/helper/own-item.ts";
import { makeBrokenKeychain, makeFakeKeychain } from "../support/fake-keychain.ts";
import { makeMemoryWorld } from "../support/memory-world.ts";
import { ask, makeHostWith, writeRecord, type Changes } from "./asked.ts";

const notFound = { text: "credentials not found in native keychain\n", exit: 1 };
const noServer = { text: "no credentials server URL\n", exit: 1 };
const xl = { username: "xl", password: "s3cret-pass" };
const { signal } = new AbortController();

function found(server: string, username = "xl", password = "s3cret-pass"): object {
  return { text: `${JSON.stringify({ ServerURL: server, Username: username, Secret: password })}\n`, exit: 0 };
}

test.each([
  ["devregistry", "devregistry"],
  ["devregistry", "devregistry:443"],
  ["devregistry", "https://devregistry"],
  ["devregistry", "https://devregistry/"],
  ["devregistry", "https://devregistry:443/v2/"],
  ["devregistry", "http://devregistry/v1/"],
  ["devregistry", "HTTPS://devregistry"],
  ["devregistry:443", "devregistry"],
  ["reg.test:5000", "reg.test:5000"],
  ["reg.test:5000", "https://reg.test:5000/a/b?c=d"],
  ["10.0.0.5:5000", "10.0.0.5:5000"],
  ["[fd00::5]", "[fd00::5]:443"],
  ["[fd00::5]", "https://[fd00:0:0::5]/v2/"],
  ["[fd00::5]:5000", "[fd00::5]:5000"],
])("the login of %s is found as %s, and the answer names it so", async (kept, asked) => {
  const world = await makeHostWith({ [kept]: xl });
  expect(await ask(world, ["get"], asked)).toEqual(found(asked));
  expect(await ask(world, ["get"], ` ${asked}\r\n`)).toEqual(found(asked));
});

test.each([
  "devregistry:5000",
  "https://devregistry:80",
  "devregistr",
  "devregistry.test",
  "docker.io",
  "https://index.docker.io/v1/",
  "index.docker.io",
  "registry-1.docker.io",
  "fd00::5",
  "../../etc/passwd",
  "a/../devregistry",
  "devregistry\u0000",
  "two names",
  "ftp://devregistry",
  "https://",
  "x".repeat(1024 * 1024),
])("%.40j is not found", async (asked) => {
  expect(await ask(await makeHostWith({ devregistry: xl }), ["get"], asked)).toEqual(notFound);
});

test("what goes into an error steers no terminal", async () => {
  const askSocket = async (): Promise<Unanswered> => ({ kind: "no-answer", reason: "a\u001b[2J\u009b31m\u0007\nb" });
  const answer = await ask(await makeHostWith({ devregistry: xl }), ["get"], "devregistry", {
    isRoot: false,
    askSocket,
  });
  expect(answer).toEqual({ text: "regclient: a\uFFFD[2J\uFFFD31m\uFFFD b\n", exit: 1 });
});

test.each(["get", "erase"])("%s without a name", async (action) => {
  const changes: Changes = { stored: [], erased: [] };
  for (const input of ["", "\n", " \t\r\n", "x".repeat(9 * 1024 * 1024)])
    expect(await ask(makeMemoryWorld({}), [action], input, {}, changes)).toEqual(noServer);
  expect(changes.erased).toEqual([]);
});

const secrets: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["NUL and control characters", "\u0000\u0001\n\r\t\u001b[31m\u007f"],
  ["quotes and backslashes", `"'\\\\" \\u0041`],
  ["spaces at both ends", "  padded \n"],
  ["emoji and letters of everywhere", "🔐 öffne dich 密码 كلمة"],
  ["line separators", "\u2028\u2029\ufeff"],
  ["markup", "<a href='x'>&amp;</a>"],
  ["a megabyte", "0123456789abcde\u0000".repeat(64 * 1024)],
];

test.each(secrets)("a secret of %s comes back as it was", async (_, password) => {
  const world = await makeHostWith({ devregistry: { username: "xl", password } });
  const answer = await ask(world, ["get"], "devregistry:443");
  expect(answer).toEqual(found("devregistry:443", "xl", password));
  expect(answer.text.match(/\n/g)).toHaveLength(1);
  expect(JSON.parse(answer.text)).toMatchObject({ Secret: password });
});

test.each(secrets)("a secret of %s is passed on as Docker gave it", async (_, password) => {
  const changes: Changes = { stored: [], erased: [] };
  const input = JSON.stringify({ ServerURL: " devregistry:443 ", Username: "xl", Secret: password });
  expect(await ask(makeMemoryWorld({}), ["store"], `${input}\n`, {}, changes)).toEqual({ text: "", exit: 0 });
  expect(changes.stored).toEqual([{ server: "devregistry:443", username: "xl", secret: password }]);
});

test("an identity token is a login of the user <token>", async () => {
  const world = await makeHostWith({ devregistry: { username: "<token>", password: "eyJhbGciOi.J9" } });
  expect(await ask(world, ["get"], "devregistry:443")).toEqual(found("devregistry:443", "<token>", "eyJhbGciOi.J9"));
  expect(await ask(world, ["list"], "")).toMatchObject({ text: expect.stringContaining('"<token>"') as string });
});

test.each([
  ["nothing", "", "the input is not JSON"],
  ["half of it", '{"ServerURL":"devregistry"', "the input is not JSON"],
  ["two values", "{} {}", "the input is not JSON"],
  ["more than 8 MiB", `"${"x".repeat(9 * 1024 * 1024)}"`, "the input is not JSON"],
  ["null", "null", "no credentials server URL"],
  ["a list", "[1]", "no credentials server URL"],
  ["an empty object", "{}", "no credentials server URL"],
  ["an empty server", '{"ServerURL":" ","Username":"xl","Secret":"s"}', "no credentials server URL"],
  ["a server that is no text", '{"ServerURL":{},"Username":"xl","Secret":"s"}', "no credentials server URL"],
  ["no user", '{"ServerURL":"devregistry","Secret":"s"}', "no credentials username"],
  ["an empty user", '{"ServerURL":"devregistry","Username":"","Secret":"s"}', "no credentials username"],
  ["a user that is no text", '{"ServerURL":"devregistry","Username":7,"Secret":"s"}', "no credentials username"],
  ["no secret", '{"ServerURL":"devregistry","Username":"xl"}', "the input has no secret"],
])("store with %s is refused, and nothing is stored", async (_, input, text) => {
  const changes: Changes = { stored: [], erased: [] };
  expect(await ask(makeMemoryWorld({}), ["store"], input, {}, changes)).toEqual({ text: `${text}\n`, exit: 1 });
  expect(changes.stored).toEqual([]);
});

test.each([[[]], [["get", "devregistry"]], [["get", ""]]])("arguments %j get the usage", async (argv) => {
  const usage = "usage: docker-credential-regclient <get|list|store|erase|version>\n";
  expect(await ask(makeMemoryWorld({}), argv, "devregistry")).toEqual({ text: usage, exit: 1 });
});

test.each(["", "GET", "--get", "constructor", "a\nb", "x".repeat(100_000)])(
  "the action %.20j is refused on one line",
  async (action) => {
    const { text, exit } = await ask(makeMemoryWorld({}), [action], "devregistry");
    expect(exit).toBe(1);
    expect(text).toMatch(/^unknown credential action "[^\n]{0,40}"\n$/);
  },
);

test.each(["version", "--version", "-v"])("%s names name, package and version", async (action) => {
  expect(await ask(makeMemoryWorld({}), [action], "")).toEqual({
    text: expect.stringMatching(/^docker-credential-regclient \(\S+\) \S+\n$/) as string,
    exit: 0,
  });
});

test.each(["--help", "-h"])("%s gets the usage, and is no error", async (action) => {
  const usage = "usage: docker-credential-regclient <get|list|store|erase|version>\n";
  expect(await ask(makeMemoryWorld({}), [action], "")).toEqual({ text: usage, exit: 0 });
});

test("erase passes the name on as Docker gave it", async () => {
  const changes: Changes = { stored: [], erased: [] };
  expect(await ask(makeMemoryWorld({}), ["erase"], "https://devregistry/v2/\n", {}, changes)).toMatchObject({
    exit: 0,
  });
  expect(changes.erased).toEqual(["https://devregistry/v2/"]);
});

test("list names every spelling that Docker may ask for, and no secret", async () => {
  const world = await makeHostWith({ devregistry: xl, "reg.test:5000": { ...xl, username: "robot$a" } });
  writeRecord(world, "without.login", undefined);
  world.write("/var/lib/regclient/registries/damaged.json", "{");
  world.write("/var/lib/regclient/registries/Not A Name.json", "{}");
  const { text, exit } = await ask(world, ["list"], "unused");
  expect({ exit, users: JSON.parse(text) as object }).toEqual({
    exit: 0,
    users: { devregistry: "xl", "devregistry:443": "xl", "reg.test:5000": "robot$a" },
  });
  expect(await ask(makeMemoryWorld({}), ["list"], "")).toEqual({ text: "{}\n", exit: 0 });
});

test("a person's own login comes before the host's, for root too", async () => {
  const world = await makeHostWith({ devregistry: xl });
  const keychain = makeFakeKeychain();
  await storeOwnLogin(keychain, "devregistry", { username: "anna", secret: "of anna" }, signal);
  for (const isRoot of [true, false]) {
    const own = { isRoot, keychain, hasSession: true };
    expect(await ask(world, ["get"], "devregistry:443", own)).toEqual(found("devregistry:443", "anna", "of anna"));
    expect(JSON.parse((await ask(world, ["list"], "", own)).text)).toEqual({
      devregistry: "anna",
      "devregistry:443": "anna",
    });
  }
  expect(await ask(world, ["get"], "devregistry", { keychain })).toEqual(found("devregistry"));
});

test.each([
  ["refuses", async () => makeBrokenKeychain("locked")],
  ["holds something else under that name", async () => withItem("not JSON")],
  ["holds a login without a secret", async () => withItem('{"username":"anna"}')],
])("a keychain that %s does not stand before the host's login", async (_, make) => {
  const keychain = await make();
  const world = await makeHostWith({ devregistry: xl });
  expect(await ask(world, ["get"], "devregistry", { keychain, hasSession: true })).toEqual(found("devregistry"));
});

async function withItem(text: string): Promise<HelperContext["keychain"]> {
  const keychain = makeFakeKeychain();
  await keychain.store("own devregistry", secret(text), signal);
  return keychain;
}

test.each<readonly [string, Answer | Unanswered, object]>([
  [
    "a login",
    { kind: "login", username: "xl", secret: secret("by socket") },
    found("devregistry:443", "xl", "by socket"),
  ],
  ["not found", { kind: "error", error: "not-found", reason: "none" }, notFound],
  [
    "not allowed",
    { kind: "error", error: "not-allowed", reason: "only\nops may" },
    { text: "regclient: only ops may\n", exit: 1 },
  ],
  [
    "unavailable",
    { kind: "error", error: "unavailable", reason: "RC-CRD-003: gone" },
    { text: "regclient: RC-CRD-003: gone\n", exit: 1 },
  ],
  ["silence", { kind: "no-answer", reason: "not in time" }, { text: "regclient: not in time\n", exit: 1 }],
  [
    "no socket",
    { kind: "no-socket" },
    {
      text: expect.stringMatching(/^regclient: only root .*systemctl enable --now regclient\.socket\n$/) as string,
      exit: 1,
    },
  ],
])("who is not root asks the daemon, and passes %s on", async (_, said, expected) => {
  const asked: string[] = [];
  const askSocket: HelperContext["askSocket"] = async (server) => {
    asked.push(server);
    return said;
  };
  const world = await makeHostWith({ devregistry: xl });
  expect(await ask(world, ["get"], "devregistry:443", { isRoot: false, askSocket })).toEqual(expected);
  expect(asked).toEqual(["devregistry:443"]);
});

test("neither the daemon nor a vault is asked for a registry without a login", async () => {
  const askSocket = async () => Promise.reject(new Error("nobody was to be asked"));
  const world = makeMemoryWorld({});
  writeRecord(world, "devregistry", undefined);
  for (const server of ["devregistry", "other.test", "docker.io"])
    expect(await ask(world, ["get"], server, { isRoot: false, askSocket })).toEqual(notFound);
});

test("a login in the keychain that enrolling chose is read there, by whoever runs in that session", async () => {
  const keychain = makeFakeKeychain();
  await keychain.store("devregistry xl 1", secret("in keychain"), signal);
  const world = makeMemoryWorld({});
  writeRecord(world, "devregistry", { vault: "keychain", item: "devregistry xl 1", username: "xl" });
  const session = { keychain, hasSession: true, isRoot: false };
  expect(await ask(world, ["get"], "devregistry", session)).toEqual(found("devregistry", "xl", "in keychain"));
  const { text, exit } = await ask(world, ["get"], "devregistry", { isRoot: false });
  expect({ text, exit }).toEqual({ text: expect.stringMatching(/^regclient: the OS keychain .*\n$/), exit: 1 });
});

test.each([
  ["no JSON", "{"],
  ["null", "null"],
  ["a list", "[]"],
  ["a credential that is no object", '{"credential":"xl"}'],
  ["a null credential", '{"credential":null}'],
  ["a vault nobody knows", '{"credential":{"vault":"pocket","item":"i","username":"xl"}}'],
  ["no item", '{"credential":{"vault":"sealed","username":"xl"}}'],
  ["no user", '{"credential":{"vault":"sealed","item":"i"}}'],
])("a record of %s holds no login", async (_, text) => {
  const world = await makeHostWith({ devregistry: xl });
  world.write("/var/lib/regclient/registries/devregistry.json", text);
  expect(await ask(world, ["get"], "devregistry")).toEqual(notFound);
  expect(await ask(world, ["list"], "")).toEqual({ text: "{}\n", exit: 0 });
});

test("a login that cannot be opened is an error on one line, and not one that is not there", async () => {
  const world = await makeHostWith({ devregistry: xl });
  world.write("/var/lib/regclient/credentials/sealing.key", "o".repeat(32));
  const { text, exit } = await ask(world, ["get"], "devregistry");
  expect(exit).toBe(1);
  expect(text).toMatch(/^regclient: the stored credential cannot be opened: [^\n]+\n$/);
});
