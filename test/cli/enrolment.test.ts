import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runHelper } from "../../src/credentials/helper.ts";
import { createReadFiles } from "../../src/host/node-files.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, steady, type Ran } from "../support/command-line.ts";
import type { FakeHostOptions } from "../support/fake-host.ts";
import { makeBrokenKeychain } from "../support/fake-keychain.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";
import { makeSelfSigned } from "../support/self-signed.ts";

const registry = useRegistry();
const start = { "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" };
const password = { stdin: "s3cret-pass\n" };

const CHECKS = `  ✓  direct  name      0 ms  127.0.0.1 is 127.0.0.1
  ✓  direct  tls       0 ms  CN=self-signed, until DAY
  ✓  direct  ping      0 ms  asks for a login
  ✓  direct  login     0 ms  as xl (Basic)
  ✓  direct  push      0 ms  regclient-smoke:verify-client-1
  ✓  direct  pull      0 ms  by digest, and equal: sha256:HEX…
  ✓  direct  clean up  0 ms  deleted
  note: no Docker Engine runs on this host, so nothing was pushed or pulled through one
`;
const STEPS = ["name", "tls", "ping", "login", "push", "pull", "clean up"];

type More = Omit<FakeHostOptions, "root">;

async function enroll(root: string, argv: readonly string[] = [], more: More = password): Promise<Ran> {
  const trust = ["--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin"];
  return runCommand(["enroll", registry.name, ...trust, ...argv], { root, ...more });
}

async function ran(root: string, argv: readonly string[], more: More = {}): Promise<Ran> {
  return runCommand(argv, { root, ...more });
}

test("a dry run shows the plan and leaves the tree untouched", async () => {
  const root = makeScratchRoot(start);
  const before = snapshotTree(root);
  const { exit, out, err } = await enroll(root, ["--dry-run"]);
  expect(exit).toBe(0);
  expect(steady(out).replaceAll(/^\+(?:[A-Za-z0-9+/=]{4,64}|-{5}.*)\n/gm, "")).toBe(`+ directory /etc/docker
+ directory /etc/docker/certs.d
+ directory /etc/docker/certs.d/127.0.0.1:PORT
+ directory /etc/regclient
+ directory /etc/regclient/registries.d
+ directory /root
+ directory /root/.docker
--- /dev/null
+++ /etc/regclient/registries.d/127.0.0.1:PORT.yaml	declaration
@@ -0,0 +1,10 @@
+# What this host should look like for the registry 127.0.0.1:PORT.
+# Written by regclient enroll, yours to edit; regclient reconcile carries it out.
+
+version: 1
+registry: 127.0.0.1:PORT
+trust:
+  fingerprints:
+    - sha256:HEX
+credentials:
+  username: xl
--- /dev/null
+++ /etc/docker/certs.d/127.0.0.1:PORT/ca.crt	trusted certificates
@@ -0,0 +1,11 @@
--- /dev/null
+++ /root/.docker/config.json	credential helper
@@ -0,0 +1,5 @@
+{
+	"credHelpers": {
+		"127.0.0.1:PORT": "regclient"
+	}
+}
and 6 of regclient's own records below /var/lib/regclient
`);
  expect(steady(err)).toBe("· reading the certificate of 127.0.0.1:PORT\n· logging in to 127.0.0.1:PORT\n");
  expect(snapshotTree(root)).toEqual(before);
});

test("enroll, enroll again, status, verify, reconcile, unenroll: the whole story", async () => {
  const root = makeScratchRoot(start);
  const before = snapshotTree(root);
  const first = await enroll(root);
  expect(steady(first.out)).toBe(`127.0.0.1:PORT is enrolled on this host
  trusted  sha256:HEX (fingerprint)
  wrote    /etc/regclient/registries.d/127.0.0.1:PORT.yaml (declaration)
  wrote    /etc/docker/certs.d/127.0.0.1:PORT/ca.crt (trusted certificates)
  wrote    /root/.docker/config.json (credential helper)
  login    xl
  use      docker pull 127.0.0.1:PORT/IMAGE

127.0.0.1:PORT works from this host (push-pull)
${CHECKS.replace("as xl (Basic)", "as xl, before anything was changed")}`);
  const asked = "· reading the certificate of 127.0.0.1:PORT\n· logging in to 127.0.0.1:PORT\n";
  expect(steady(first.err)).toBe(asked + STEPS.map((step) => `· direct: ${step}\n`).join(""));
  expect(first.exit).toBe(0);
  expect(readFileSync(join(root, `etc/docker/certs.d/${registry.name}/ca.crt`), "utf8")).toBe(registry.tls.cert);
  const enrolled = snapshotTree(root);
  expect(JSON.stringify(enrolled)).not.toContain("s3cret");

  const second = await ran(root, ["enroll", registry.name, "--no-verify"]);
  expect(steady(second.out)).toBe("127.0.0.1:PORT is enrolled already; nothing was changed\n");
  expect(second.exit).toBe(0);
  expect(snapshotTree(root)).toEqual(enrolled);

  const status = await ran(root, ["status"]);
  expect(steady(status.out)).toBe(`127.0.0.1:PORT, enrolled DAY
  trusted  sha256:HEX, until DAY
           since DAY by tester, because: fingerprint (sha256:HEX)
  login    xl, kept in: sealed
  file     /etc/regclient/registries.d/127.0.0.1:PORT.yaml ✓
  file     /etc/docker/certs.d/127.0.0.1:PORT/ca.crt ✓
  use      docker pull 127.0.0.1:PORT/IMAGE
`);

  const verify = await ran(root, ["verify"]);
  expect(steady(verify.out)).toBe(`127.0.0.1:PORT works from this host (push-pull)\n${CHECKS}`);
  expect(steady(verify.err)).toBe(STEPS.map((step) => `· 127.0.0.1:PORT direct: ${step}\n`).join(""));

  const quiet = await ran(root, ["reconcile", "--quiet"]);
  expect({ ...quiet, out: steady(quiet.out) }).toEqual({
    exit: 0,
    out: "127.0.0.1:PORT: as declared\n",
    err: "",
    questions: [],
  });

  const gone = await ran(root, ["unenroll", registry.name]);
  expect(steady(gone.out)).toBe(`127.0.0.1:PORT is no longer enrolled on this host
  removed /etc/regclient/registries.d/127.0.0.1:PORT.yaml
  removed /etc/docker/certs.d/127.0.0.1:PORT/ca.crt
  removed /root/.docker/config.json
`);
  expect(gone.exit).toBe(0);
  expect(snapshotTree(root)).toEqual(before);
});

test("verify as JSON, for scripts", async () => {
  const root = makeScratchRoot(start);
  await enroll(root, ["--no-verify"]);
  const { out, exit } = await ran(root, ["verify", "--output", "json", "--via", "direct", "--mode", "login"]);
  expect(exit).toBe(0);
  expect(JSON.parse(steady(out))).toEqual({
    exit: 0,
    ok: true,
    reports: [
      {
        registry: "127.0.0.1:PORT",
        mode: "login",
        ok: true,
        notes: [],
        ways: [
          {
            via: "direct",
            checks: [
              { name: "name", status: "passed", took: 0, detail: "127.0.0.1 is 127.0.0.1" },
              { name: "tls", status: "passed", took: 0, detail: "CN=self-signed, until DAY" },
              { name: "ping", status: "passed", took: 0, detail: "asks for a login" },
              { name: "login", status: "passed", took: 0, detail: "as xl (Basic)" },
            ],
          },
        ],
      },
    ],
    failures: [],
    problems: [],
  });
});

test("reconcile puts right what somebody changed", async () => {
  const root = makeScratchRoot(start);
  await enroll(root, ["--no-verify"]);
  const enrolled = snapshotTree(root);
  rmSync(join(root, `etc/docker/certs.d/${registry.name}/ca.crt`));
  writeFileSync(join(root, "root/.docker/config.json"), "{}\n");
  const status = await ran(root, ["status"]);
  expect(steady(status.out)).toContain("/etc/docker/certs.d/127.0.0.1:PORT/ca.crt missing\n");
  const dry = await ran(root, ["reconcile", "--dry-run"]);
  expect(steady(dry.out)).toContain("127.0.0.1:PORT: would change\n");
  const done = await ran(root, ["reconcile"]);
  expect(steady(done.out)).toContain("127.0.0.1:PORT: changed\n");
  expect(done.exit).toBe(0);
  const healed = snapshotTree(root);
  expect(healed[`/etc/docker/certs.d/${registry.name}/ca.crt`]).toBe(
    enrolled[`/etc/docker/certs.d/${registry.name}/ca.crt`],
  );
  expect(JSON.parse(readFileSync(join(root, "root/.docker/config.json"), "utf8"))).toMatchObject({
    credHelpers: { [registry.name]: "regclient" },
  });
});

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
    2,
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
  ["a name that leads to loopback", () => ["enroll", "looped.test"], {}, 7, "RC-ALI-002"],
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
  ["nothing to verify", () => ["verify"], {}, 2, "RC-CFG-004"],
] as const)("refused, and the tree untouched: %s", async (_, argv, more, exit, code) => {
  const root = makeScratchRoot(start);
  const before = snapshotTree(root);
  const options = { ...more, addresses: { "looped.test": ["127.0.0.5"] } };
  const text = await ran(root, argv(), options);
  expect(text.err).toContain(`[${code}`);
  expect(text.err).not.toContain("s3cret");
  expect({ exit: text.exit, out: text.out, questions: text.questions }).toEqual({ exit, out: "", questions: [] });
  const json = await ran(root, [...argv(), "--output", "json"], options);
  expect(json.exit).toBe(exit);
  expect(JSON.parse(json.out)).toMatchObject({ exit, problems: [{ exit }] });
  expect(snapshotTree(root)).toEqual(before);
});

test("the refusal of an unknown certificate shows its fingerprint and the command that trusts it", async () => {
  const { err } = await ran(makeScratchRoot(start), ["enroll", registry.name]);
  expect(err).toContain(
    `  fix:   if it is the same: regclient enroll ${registry.name} --fingerprint ${registry.fingerprint}\n`,
  );
});

test("a certificate that was replaced is refused, and the tree untouched", async () => {
  const root = makeScratchRoot(start);
  await runCommand(
    ["enroll", registry.name, "--trust-on-first-use", "--username", "xl", "--password-stdin", "--no-verify"],
    { root, ...password },
  );
  const before = snapshotTree(root);
  registry.replaceCertificate(makeSelfSigned(["IP:127.0.0.1"]));
  try {
    const verify = await ran(root, ["verify"]);
    expect(verify.out).toContain("does not work from this host");
    const { err, exit } = await ran(root, ["reconcile"]);
    expect(err).toContain("[RC-TRU-013]");
    expect(exit).toBe(3);
  } finally {
    registry.replaceCertificate(registry.tls);
  }
  expect(snapshotTree(root)).toEqual(before);
});

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

test("the credential helper answers for what was enrolled, to the letter", async () => {
  const root = makeScratchRoot(start);
  await enroll(root, ["--no-verify"]);
  const ask = async (argv: readonly string[], input = ""): Promise<object> =>
    runHelper(argv, {
      files: createReadFiles(root),
      signal: new AbortController().signal,
      keychain: makeBrokenKeychain("no keychain"),
      readInput: async () => input,
    });
  const { name } = registry;
  const found = { ServerURL: name, Username: "xl", Secret: "s3cret-pass" };
  expect(await ask(["get"], `${name}\n`)).toEqual({ text: `${JSON.stringify(found)}\n`, exit: 0 });
  const url = `https://${name}/v1/`;
  expect(await ask(["get"], url)).toEqual({ text: `${JSON.stringify({ ...found, ServerURL: url })}\n`, exit: 0 });
  expect(await ask(["get"], "other.test")).toEqual({ text: "credentials not found in native keychain\n", exit: 1 });
  expect(await ask(["get"], "https://index.docker.io/v1/")).toEqual({
    text: "credentials not found in native keychain\n",
    exit: 1,
  });
  expect(await ask(["get"], "../../etc/passwd")).toEqual({
    text: "credentials not found in native keychain\n",
    exit: 1,
  });
  expect(await ask(["get"], " \n")).toEqual({ text: "no credentials server URL\n", exit: 1 });
  expect(await ask(["list"], "unused")).toEqual({ text: `${JSON.stringify({ [name]: "xl" })}\n`, exit: 0 });
  expect(await ask(["version"])).toEqual({ text: "docker-credential-regclient (regclient) 1\n", exit: 0 });
  for (const action of ["store", "erase"])
    expect(await ask([action], JSON.stringify(found))).toMatchObject({ exit: 1 });
  expect(await ask([])).toMatchObject({ exit: 1, text: expect.stringContaining("usage: ") as unknown });
  expect(await ask(["get", "more"])).toMatchObject({ exit: 1 });
  expect(await ask(["bogus"])).toEqual({ text: 'unknown credential action "bogus"\n', exit: 1 });
});
