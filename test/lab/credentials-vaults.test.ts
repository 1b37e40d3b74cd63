import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { requireLab, type CommandResult } from "./lab.ts";
import {
  expectDone,
  bringUp,
  findText,
  login,
  programPath,
  startClientLab,
  type ClientLab,
} from "./support/client-lab.ts";

requireLab();

const credentials = "/var/lib/regclient/credentials";
const sealingKey = `${credentials}/sealing.key`;
const hostKey = "/var/lib/systemd/credential.secret";
const program = "/usr/bin/systemd-creds";

let lab: ClientLab;
beforeAll(async () => {
  lab = await startClientLab();
});
afterEach(async () => {
  await lab.regclient(["unenroll", "devregistry"]);
});
afterAll(() => lab[Symbol.asyncDispose]());

async function enroll(vault: string): Promise<CommandResult> {
  return lab.enroll(["--vault", vault, "--no-verify"]);
}

async function storeAnew(more: readonly string[] = []): Promise<CommandResult> {
  return lab.regclient(["login", "devregistry", "--password-stdin", ...more], { stdin: login.password });
}

async function helperGets(server = "devregistry:443"): Promise<CommandResult> {
  return lab.client.run(["docker-credential-regclient", "get"], { stdin: server, env: programPath });
}

async function expectFound(server = "devregistry:443"): Promise<void> {
  const found = JSON.parse(expectDone(await helperGets(server))) as unknown;
  expect(found).toEqual({ ServerURL: server, Username: login.username, Secret: login.password });
}

/** Every command that needs the login says why it has none; none hangs, none changes anything. */
async function expectLost(code: string): Promise<void> {
  const tree = await lab.client.hashTree();
  for (const argv of [["verify", "--via", "direct"], ["reconcile"], ["enroll", "devregistry"]]) {
    const refused = await lab.regclient(argv, { timeoutMs: 30_000 });
    expect({ argv, ...refused }).toMatchObject({
      argv,
      code: 4,
      stderr: expect.stringContaining(`[${code}]`) as string,
    });
  }
  const { code: exit, stdout, stderr } = await helperGets();
  expect({ exit, stderr }).toEqual({ exit: 1, stderr: "" });
  expect(stdout).toMatch(/^regclient: [^\n]+\n$/);
  expect(await lab.client.hashTree()).toEqual(tree);
}

function listVault(): readonly string[] {
  return readdirSync(lab.client.path(credentials)).sort();
}

describe("systemd-creds", () => {
  test("what was encrypted on another host cannot be opened, and is replaced by logging in anew", async () => {
    expectDone(await enroll("systemd"));
    await expectFound();
    rmSync(lab.client.path(hostKey));
    expectDone(await lab.client.run(["systemd-creds", "setup"]));
    await expectLost("RC-CRD-004");
    expectDone(await storeAnew());
    await expectFound();
    expect(listVault()).toEqual(["devregistry.systemd"]);
  });

  test("a blob that was changed, or swapped with another registry's, is refused", async () => {
    expectDone(await enroll("systemd"));
    const blob = lab.client.path(`${credentials}/devregistry.systemd`);
    const bytes = readFileSync(blob, "utf8");
    writeFileSync(
      blob,
      bytes.replace(/^(.{60})(.)/, (_, head: string, one: string) => head + (one === "A" ? "B" : "A")),
    );
    await expectLost("RC-CRD-004");
    expectDone(
      await lab.client.run(
        ["systemd-creds", "encrypt", "--name=regclient.other", "-", `${credentials}/devregistry.systemd`],
        {
          stdin: login.password,
        },
      ),
    );
    await expectLost("RC-CRD-004");
    rmSync(blob);
    await expectLost("RC-CRD-004");
    expectDone(await lab.regclient(["unenroll", "devregistry"]));
    expect(existsSync(lab.client.path("/var/lib/regclient"))).toBe(false);
  });

  test.each([
    ["is not there", async () => undefined, "ENOENT"],
    ["fails", async () => putProgram("exit 1"), "cannot be run"],
    ["is too old", async () => putProgram("echo 'systemd 247 (247.3-7)'; exit 0"), "systemd 247 is older than 250"],
    ["says something else", async () => putProgram("echo hello"), "older than 250"],
    ["hangs", async () => putProgram("exec sleep 600"), "cannot be run"],
  ])("a program that %s is told of when asked for, and passed over by itself", async (_, put, reason) => {
    renameSync(lab.client.path(program), lab.client.path(`${program}.away`));
    try {
      await put();
      const before = await lab.client.hashTree();
      const refused = await lab.enroll(["--vault", "systemd", "--no-verify"], { timeoutMs: 30_000 });
      expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining("[RC-CRD-007]") as string });
      expect(refused.stderr).toContain(reason);
      expect(await lab.client.hashTree()).toEqual(before);
      expectDone(await lab.enroll(["--no-verify"], { timeoutMs: 30_000 }));
      expect(listVault()).toEqual(["devregistry.sealed", "sealing.key"]);
      await expectFound();
      expectDone(await lab.regclient(["unenroll", "devregistry"]));
      expect(await lab.client.hashTree()).toEqual(before);
    } finally {
      renameSync(lab.client.path(`${program}.away`), lab.client.path(program));
    }
  });
});

async function putProgram(script: string): Promise<void> {
  writeFileSync(lab.client.path(program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

describe("a sealed file", () => {
  test.each([
    ["lost", (path: string) => rmSync(path), "RC-CRD-003"],
    ["another host's", (path: string) => writeFileSync(path, Buffer.alloc(32, 7)), "RC-CRD-004"],
  ])("whose key is %s cannot be opened, and is replaced by logging in anew", async (_, spoil, code) => {
    expectDone(await enroll("sealed"));
    await expectFound();
    spoil(lab.client.path(sealingKey));
    await expectLost(code);
    expectDone(await storeAnew());
    await expectFound();
  });

  test("whose key is cut short is left alone until somebody has removed it", async () => {
    expectDone(await enroll("sealed"));
    writeFileSync(lab.client.path(sealingKey), "short");
    await expectLost("RC-CRD-003");
    expect(await storeAnew()).toMatchObject({ code: 4, stderr: expect.stringContaining("[RC-CRD-003]") as string });
    rmSync(lab.client.path(sealingKey));
    expectDone(await storeAnew());
    await expectFound();
  });

  test("can be read by root alone", async () => {
    expectDone(await enroll("sealed"));
    for (const path of [sealingKey, `${credentials}/devregistry.sealed`])
      expect(await lab.client.run(["cat", path], { user: "daemon", cwd: "/" })).toMatchObject({ code: 1 });
    const { stdout } = await lab.client.run(["stat", "--format=%U:%G %a", credentials, sealingKey]);
    expect(stdout).toBe("root:root 700\nroot:root 600\n");
  });
});

const anyText = "\u0000\u0001\"\\\n öß🔐 '$(id)' ";

async function helperStores(secret: string): Promise<CommandResult> {
  const stdin = JSON.stringify({ ServerURL: "devregistry:443", Username: "<token>", Secret: secret });
  return lab.client.run(["docker-credential-regclient", "store"], { stdin, env: programPath });
}

// systemd decrypts no more than 1.1 MiB of base64
test.each([
  ["systemd", 840_000],
  ["sealed", 1_048_576],
])("%s keeps %i bytes of any text, given and asked for by the real helper", async (vault, bytes) => {
  expectDone(await enroll(vault));
  const secret = anyText.repeat(Math.floor(bytes / Buffer.byteLength(anyText)));
  expect(await helperStores(secret)).toMatchObject({ code: 0, stdout: "" });
  const found = JSON.parse(expectDone(await helperGets())) as { readonly Username: string; readonly Secret: string };
  expect({ user: found.Username, isSame: found.Secret === secret }).toEqual({ user: "<token>", isSame: true });
  const erased = await lab.client.run(["docker-credential-regclient", "erase"], {
    stdin: "https://devregistry/\n",
    env: programPath,
  });
  expect(erased).toMatchObject({ code: 0, stdout: "" });
  expect(await helperGets()).toMatchObject({ code: 1, stdout: "credentials not found in native keychain\n" });
});

test.each([900_000, 1_100_000])("systemd, which could not give %i bytes back, is not given them", async (bytes) => {
  expectDone(await enroll("systemd"));
  const tree = await lab.client.hashTree();
  const refused = await helperStores("x".repeat(bytes));
  expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/^regclient: [^\n]+\n$/) as string });
  expect(await lab.client.hashTree()).toEqual(tree);
  await expectFound();
});

test("a login that moves from vault to vault leaves nothing behind", async () => {
  expectDone(await enroll("sealed"));
  expectDone(await storeAnew(["--vault", "systemd"]));
  expect(listVault()).toEqual(["devregistry.systemd"]);
  await expectFound();
  expectDone(await storeAnew(["--vault", "sealed"]));
  expect(listVault()).toEqual(["devregistry.sealed", "sealing.key"]);
  await expectFound();
  const status = expectDone(await lab.regclient(["status", "--output", "json"]));
  expect(JSON.parse(status)).toMatchObject({ registries: [{ login: { vault: "sealed" } }] });
  expect(expectDone(await lab.regclient(["reconcile"]))).toBe("devregistry: as declared\n");
  expect(await findText(lab.client, login.password)).toEqual([]);
});

test("reseal makes a new key and new files for all registries, and each login is found as before", async () => {
  const data = ["--data", "/var/lib/devregistry-8443"];
  const ports = ["--https-port", "8443", "--registry-port", "5001"];
  const fingerprint = await bringUp(lab, ports, data);
  expectDone(await enroll("sealed"));
  const second = ["enroll", "devregistry:8443", "--address", "10.10.62.103", "--fingerprint", fingerprint];
  const options = { stdin: `${login.password}\n` };
  const user = ["--username", login.username, "--password-stdin", "--vault", "sealed", "--no-verify"];
  expectDone(await lab.regclient([...second, ...user], options));
  const paths = [sealingKey, `${credentials}/devregistry.sealed`, `${credentials}/devregistry:8443.sealed`];
  const read = (): readonly string[] => paths.map((path) => readFileSync(lab.client.path(path), "latin1"));
  const before = read();
  expect(expectDone(await lab.regclient(["reseal"]))).toBe("sealed anew: devregistry, devregistry:8443\n");
  const after = read();
  for (const [index, text] of before.entries()) expect(after[index]).not.toBe(text);
  expect(listVault()).toEqual(["devregistry.sealed", "devregistry:8443.sealed", "sealing.key"]);
  await expectFound();
  await expectFound("devregistry:8443");
  expectDone(await lab.regclient(["verify", "--via", "direct"]));
  writeFileSync(lab.client.path(sealingKey), "short");
  const tree = await lab.client.hashTree();
  expect(await lab.regclient(["reseal"])).toMatchObject({ code: 4 });
  expect(await lab.client.hashTree()).toEqual(tree);
  expectDone(await lab.regclient(["unenroll", "devregistry:8443"]));
});
