import { expect, test } from "vitest";
import { askPassword, confirmCertificate, confirmMigration } from "../../src/cli/ask.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { readCertificates } from "../../src/trust/bundle.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, type Ran } from "../support/command-line.ts";
import type { FakeHostOptions } from "../support/fake-host.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const registry = useRegistry();
const start = { "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" };
const wrongPin = `sha256:${"0".repeat(64)}`;

type More = Omit<FakeHostOptions, "root">;

async function ran(root: string, argv: readonly string[], more: More = {}): Promise<Ran> {
  return runCommand(argv, { root, ...more });
}

const QUESTION = "Trust it? Type yes, or paste the fingerprint you have: ";

test.each([
  ["yes", 0],
  [" YES ", 0],
  ["the fingerprint", 0],
  ["the fingerprint, as openssl writes it", 0],
  ["no", 3],
  ["", 3],
  ["y", 3],
  [wrongPin, 3],
  [undefined, 3],
])("a person at the terminal who answers %j is understood", async (answer, exit) => {
  const root = makeScratchRoot(start);
  const before = snapshotTree(root);
  const colons = registry.fingerprint.slice("sha256:".length).toUpperCase().match(/../g)?.join(":") ?? "";
  const typed =
    answer === "the fingerprint"
      ? registry.fingerprint
      : answer?.startsWith("the fingerprint,")
        ? `sha256 Fingerprint=${colons}`
        : answer;
  const argv = ["enroll", registry.name, "--username", "xl", "--no-verify"];
  const done = await ran(root, argv, { answers: [typed, "s3cret-pass"] });
  expect(done.exit).toBe(exit);
  expect(done.err).toContain(`  fingerprint  ${registry.fingerprint}\n`);
  expect(done.questions[0]).toEqual({ text: QUESTION, hidden: false });
  if (exit === 0) {
    expect(done.questions[1]).toEqual({ text: `Password of xl at ${registry.name}: `, hidden: true });
    expect(done.out).toContain("(confirmed)");
  } else expect(snapshotTree(root)).toEqual(before);
  expect(done.out + done.err).not.toContain("s3cret");
});

test("--non-interactive asks nothing, terminal or not", async () => {
  const done = await ran(makeScratchRoot(start), ["enroll", registry.name, "--non-interactive"], { answers: ["yes"] });
  expect(done.questions).toEqual([]);
  expect(done.exit).toBe(3);
});

test("NO_COLOR's place: colours only when the terminal has them, and never with --no-color", async () => {
  const root = makeScratchRoot(start);
  const escape = "\u001b[";
  expect((await ran(root, ["verify"], { colour: true })).err).toContain(escape);
  expect((await ran(root, ["verify", "--no-color"], { colour: true })).err).not.toContain(escape);
  expect((await ran(root, ["verify"])).err).not.toContain(escape);
});

test("what stands in a certificate cannot look like a line of ours", async () => {
  const subject = "CN=evil\n  fingerprint  sha256:cafe\u001b[2K";
  const written: string[] = [];
  const terminal = {
    interactive: true,
    colour: false,
    columns: 80,
    hasScreen: false,
    outClosed: () => new AbortController().signal,
    clearScreen: () => undefined,
    writeOut: () => undefined,
    writeErr: (text: string) => void written.push(text),
    ask: async () => "yes",
    readInput: async () => undefined,
  };
  const [certificate] = valueOf(readCertificates(Buffer.from(registry.tls.cert), "the test's"));
  if (certificate === undefined) throw new Error("no certificate");
  const name = valueOf(parseRegistryName("reg.test"));
  const chosen = await confirmCertificate(terminal, name, [{ ...certificate, subject, issuer: subject }]);
  expect(chosen?.fingerprint).toBe(certificate.fingerprint);
  expect(written.join("").match(/^ {2}fingerprint {2}sha256:[0-9a-f]+$/gm)).toEqual([
    `  fingerprint  sha256:${certificate.fingerprint}`,
  ]);
  expect(written.join("")).not.toContain("\u001b");
});

const NASTY = "\u001b[2J\u009b31m\u0007";
// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

test("no name of a file and no content of one steers the terminal", async () => {
  const root = makeScratchRoot({
    [`/etc/regclient/registries.d/${NASTY}\nfaked.yaml`]: "registry: x\n",
    "/root/.docker/config.json": `{"credHelpers":{"${registry.name}":"theirs\u009b2J\u007f"}}`,
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/var/lib/x": "",
  });
  const status = await ran(root, ["status"]);
  expect(status.out).toContain("is declared, and not enrolled yet");
  expect(status.out).not.toMatch(/^faked/m);
  const argv = ["enroll", registry.name, "--trust-on-first-use", "--username", "xl", "--password-stdin", "--dry-run"];
  const planned = await ran(root, argv, { stdin: "s3cret-pass\n" });
  expect(planned.out).toContain("-theirs\uFFFD2J\uFFFD\n+regclient\n");
  for (const text of [status.out, status.err, planned.out, planned.err]) expect(text).not.toMatch(STEERING);
});

test("no user name from somebody's config.json steers the terminal", async () => {
  const written: string[] = [];
  const terminal = {
    interactive: true,
    colour: false,
    columns: 80,
    hasScreen: false,
    outClosed: () => new AbortController().signal,
    clearScreen: () => undefined,
    writeOut: () => undefined,
    writeErr: (text: string) => void written.push(text),
    ask: async (text: string) => {
      written.push(text);
      return "y";
    },
    readInput: async () => undefined,
  };
  const name = valueOf(parseRegistryName("reg.test"));
  await confirmMigration(terminal, "/home/bob/.docker/config.json", `bob${NASTY}`);
  await askPassword(terminal, `bob${NASTY}`, name);
  expect(written.join("")).toContain("bob");
  expect(written.join("")).not.toMatch(STEERING);
});
