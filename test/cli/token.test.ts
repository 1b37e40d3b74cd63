import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, steady, type Ran } from "../support/command-line.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const registry = useRegistry();
const zeros = `sha256:${"0".repeat(64)}`;

async function ran(root: string, ...argv: readonly string[]): Promise<Ran> {
  return runCommand(argv, { root, stdin: "s3cret-pass\n" });
}

function makeRoot(): string {
  return makeScratchRoot({ "/etc/hosts": "127.0.0.1 localhost\n" });
}

function saveToken(root: string, text: string): string {
  const path = join(root, "token");
  writeFileSync(path, text);
  return path;
}

test("a token made beside the registry enrolls a client, whose password alone is still asked for", async () => {
  const root = makeRoot();
  const made = await ran(root, "token", "create", registry.name, "--username", "xl", "--expires", "12h");
  expect(made).toMatchObject({ exit: 0 });
  expect(steady(made.err)).toContain("fingerprints from 127.0.0.1, an address of this host: sha256:HEX");
  const path = saveToken(root, made.out);
  const enrolled = await ran(
    root,
    "enroll",
    registry.name,
    "--token-file",
    path,
    "--password-stdin",
    "--output",
    "json",
  );
  expect(enrolled.exit).toBe(0);
  expect(JSON.parse(enrolled.out)).toMatchObject({
    registry: registry.name,
    anchors: [{ fingerprint: registry.fingerprint, reason: "fingerprint" }],
    verification: { ok: true },
  });
});

test("an enrolled host hands on what it trusts", async () => {
  const root = makeRoot();
  const login = ["--username", "xl", "--password-stdin", "--no-verify"];
  await ran(root, "enroll", registry.name, "--fingerprint", registry.fingerprint, ...login);
  const made = await ran(root, "token", "create", registry.name, "--output", "json");
  expect(JSON.parse(made.out)).toMatchObject({
    origin: "what this host trusts",
    content: { registry: registry.name, fingerprints: [registry.fingerprint], username: "xl" },
  });
});

test("what the command line says comes before the token", async () => {
  const root = makeRoot();
  const made = await ran(root, "token", "create", registry.name, "--fingerprint", zeros, "--username", "nobody");
  const path = saveToken(root, made.out);
  const said = ["--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin", "--no-verify"];
  expect(await ran(root, "enroll", registry.name, "--token-file", path, ...said)).toMatchObject({ exit: 0 });
});

test.each([
  [
    "another certificate than the token's",
    3,
    (name: string) => ["token", "create", name, "--fingerprint", zeros],
    "RC-TRU-012",
  ],
  ["a token for another registry", 2, () => ["token", "create", "other:5000", "--fingerprint", zeros], "RC-CFG-020"],
] as const)("%s is refused, and the host stays as it was", async (_, exit, create, code) => {
  const root = makeRoot();
  const made = await ran(root, ...create(registry.name));
  const path = saveToken(root, made.out);
  const before = snapshotTree(root);
  const refused = await ran(
    root,
    "enroll",
    registry.name,
    "--token-file",
    path,
    "--username",
    "xl",
    "--password-stdin",
  );
  expect(refused.exit).toBe(exit);
  expect(refused.err).toContain(code);
  expect(snapshotTree(root)).toEqual(before);
});

test.each([
  ["nothing to vouch", ["reg.example.com", "--address", "192.0.2.1"], 3, "RC-TRU-050"],
  ["no fingerprint", ["reg.example.com", "--fingerprint", "abc"], 2, "RC-CFG-005"],
  ["an address of loopback", ["reg.example.com", "--fingerprint", zeros, "--address", "127.0.0.1"], 2, "RC-CFG-005"],
  ["no length of time", ["reg.example.com", "--fingerprint", zeros, "--expires", "soon"], 2, "RC-CFG-005"],
  ["no registry", ["https://reg.example.com", "--fingerprint", zeros], 2, "RC-NAM-"],
] as const)("no token is made: %s", async (_, argv, exit, code) => {
  const root = makeRoot();
  const refused = await ran(root, "token", "create", ...argv);
  expect(refused).toMatchObject({ exit, out: "" });
  expect(refused.err).toContain(code);
});
