import { expect, test } from "vitest";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, type Ran } from "../support/command-line.ts";
import type { FakeHostOptions } from "../support/fake-host.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const registry = useRegistry();
const start = { "/etc/hosts": "127.0.0.1 localhost\n127.0.1.1 listed.test\n", "/var/lib/x": "" };
const password = { stdin: "s3cret-pass\n" };

type More = Omit<FakeHostOptions, "root">;

async function ran(root: string, argv: readonly string[], more: More = {}): Promise<Ran> {
  return runCommand(argv, { root, ...more });
}

const wrongPin = `sha256:${"0".repeat(64)}`;

test.each([
  ["nobody vouches", () => ["enroll", registry.name], {}, 3, "RC-TRU-011"],
  ["another fingerprint", () => ["enroll", registry.name, "--fingerprint", wrongPin], {}, 3, "RC-TRU-012"],
  [
    "a wrong password",
    () => ["enroll", registry.name, "--trust-on-first-use", "--username", "xl", "--password-stdin"],
    { stdin: "wrong\n" },
    4,
    "RC-AUT-",
  ],
  ["no credentials", () => ["enroll", registry.name, "--trust-on-first-use"], {}, 4, "RC-CRD-001"],
  [
    "a user without a password",
    () => ["enroll", registry.name, "--trust-on-first-use", "--username", "xl"],
    {},
    4,
    "RC-CRD-005",
  ],
  [
    "a password without a user",
    () => ["enroll", registry.name, "--trust-on-first-use", "--password-stdin"],
    password,
    2,
    "RC-CFG-005",
  ],
  ["an empty password", () => ["enroll", registry.name, "--username", "xl", "--password-stdin"], {}, 2, "RC-CRD-006"],
  [
    "a password of two lines",
    () => ["enroll", registry.name, "--username", "xl", "--password-stdin"],
    { stdin: "a\nb\n" },
    2,
    "RC-CRD-006",
  ],
  [
    "a password that is no UTF-8",
    () => ["enroll", registry.name, "--username", "xl", "--password-stdin"],
    { stdin: Buffer.from([0xff]) },
    2,
    "RC-CRD-006",
  ],
  ["nothing listens", () => ["enroll", "127.0.0.1:1"], {}, 5, "RC-NET-"],
  ["no such name", () => ["enroll", "nowhere.test"], {}, 5, "RC-NET-001"],
  ["no name server", () => ["enroll", "silent.test"], {}, 5, "RC-NET-018"],
  ["a name that the resolver leads to loopback", () => ["enroll", "looped.test"], {}, 5, "RC-ALI-003"],
  ["a name that the hosts file leads to loopback", () => ["enroll", "listed.test"], {}, 7, "RC-ALI-002"],
  ["a declared loopback address", () => ["enroll", "reg.test", "--address", "127.0.0.1"], {}, 2, "RC-CFG-005"],
  ["an address that is none", () => ["enroll", "reg.test", "--address", "10.0.0"], {}, 2, "RC-CFG-005"],
  ["a fingerprint that is none", () => ["enroll", registry.name, "--fingerprint", "abc"], {}, 2, "RC-CFG-005"],
  ["a file that is not there", () => ["enroll", registry.name, "--ca-file", "/nowhere/ca.crt"], {}, 2, "RC-CFG-006"],
  ["a name with a scheme", () => ["enroll", "https://reg.test"], {}, 2, "RC-NAM-001"],
  [
    "a user that is not there",
    () => [
      "enroll",
      registry.name,
      "--trust-on-first-use",
      "--username",
      "xl",
      "--password-stdin",
      "--user",
      "nobody-here",
    ],
    password,
    2,
    "RC-CFG-005",
  ],
  ["a registry that is not enrolled", () => ["unenroll", registry.name], {}, 2, "RC-CFG-004"],
  ["nothing to verify", () => ["verify"], {}, 2, "RC-CFG-009"],
] as const)("refused, and the tree untouched: %s", async (_, argv, more, exit, code) => {
  const root = makeScratchRoot(start);
  const before = snapshotTree(root);
  const options = { ...more, addresses: { "looped.test": ["127.0.0.5"], "silent.test": undefined } };
  const text = await ran(root, argv(), options);
  expect(text.err).toContain(`[${code}`);
  expect(text.err).not.toContain("s3cret");
  expect({ exit: text.exit, out: text.out, questions: text.questions }).toEqual({ exit, out: "", questions: [] });
  const json = await ran(root, [...argv(), "--output", "json"], options);
  expect(json.exit).toBe(exit);
  expect(JSON.parse(json.out)).toMatchObject({ exit, problems: [{ exit }] });
  expect(snapshotTree(root)).toEqual(before);
});

test("verify names its own help for an option that cannot be used, and the login that is lacking", async () => {
  const root = makeScratchRoot(start);
  await ran(root, ["enroll", registry.name, "--trust-on-first-use", "--no-verify"]);
  const misused = await ran(root, ["verify", "--repository", "BAD"]);
  expect(misused.err).toContain("--repository cannot be used");
  expect(misused.err).toContain("  fix:   regclient verify --help\n");
  expect(misused.exit).toBe(2);
  const lacking = await ran(root, ["verify"]);
  expect(lacking.err).toContain("[RC-CRD-008]");
  expect(lacking.err).toContain(`  fix:   regclient login ${registry.name} --username USER\n`);
  expect(lacking.exit).toBe(4);
});

test("the refusal of an unknown certificate shows its fingerprint and the command that trusts it", async () => {
  const { err } = await ran(makeScratchRoot(start), ["enroll", registry.name]);
  expect(err).toContain(
    `  fix:   if it is the same: regclient enroll ${registry.name} --fingerprint ${registry.fingerprint}   # and --address`,
  );
});
