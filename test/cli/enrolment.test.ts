import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, steady, type Ran } from "../support/command-line.ts";
import type { FakeHostOptions } from "../support/fake-host.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

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
  note: --root names a tree of files, where no engine runs, so nothing was pushed or pulled through one
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
@@ line 1, without values @@
+{
+	"credHelpers": {
+		"127.0.0.1:PORT": "regclient"
+	}
+}
and 7 of regclient's own records below /var/lib/regclient
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
  const changing = "· changing the host, all or nothing\n";
  expect(steady(first.err)).toBe(asked + changing + STEPS.map((step) => `· direct: ${step}\n`).join(""));
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
           since DAY by tester, because: fingerprint
  login    xl, kept in: sealed
  file     /etc/regclient/registries.d/127.0.0.1:PORT.yaml ✓
  file     /etc/docker/certs.d/127.0.0.1:PORT/ca.crt ✓
  file     /root/.docker/config.json ✓
  runtime  docker (not on this host) reads
           /etc/docker/certs.d/127.0.0.1:PORT/ca.crt
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
  removed  /etc/regclient/registries.d/127.0.0.1:PORT.yaml (declaration)
  removed  /etc/docker/certs.d/127.0.0.1:PORT/ca.crt (trusted certificates)
  removed  /root/.docker/config.json (credential helper)
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
        startedAt: "TIME",
        ok: true,
        notes: [],
        ways: [
          {
            via: "direct",
            checks: [
              { name: "name", status: "passed", at: 0, took: 0, detail: "127.0.0.1 is 127.0.0.1" },
              { name: "tls", status: "passed", at: 0, took: 0, detail: "CN=self-signed, until DAY" },
              { name: "ping", status: "passed", at: 0, took: 0, detail: "asks for a login" },
              { name: "login", status: "passed", at: 0, took: 0, detail: "as xl (Basic)" },
            ],
          },
        ],
      },
    ],
    problems: [],
  });
});

test("status as JSON, for scripts", async () => {
  const root = makeScratchRoot(start);
  await enroll(root, ["--no-verify"]);
  const { out, exit } = await ran(root, ["status", "--output", "json"]);
  expect(exit).toBe(0);
  expect(JSON.parse(steady(out))).toMatchObject({
    registries: [
      {
        registry: "127.0.0.1:PORT",
        reference: "127.0.0.1:PORT",
        login: { username: "xl", vault: "sealed", state: "stored" },
        files: [
          { path: "/etc/regclient/registries.d/127.0.0.1:PORT.yaml", state: "as written" },
          { path: "/etc/docker/certs.d/127.0.0.1:PORT/ca.crt", state: "as written" },
          { path: "/root/.docker/config.json", state: "as written" },
        ],
      },
    ],
    declaredOnly: [],
    problems: [],
  });
  rmSync(join(root, `var/lib/regclient/credentials/${registry.name}.sealed`));
  expect(steady((await ran(root, ["status"])).out)).toContain("  login    xl, kept in: sealed missing\n");
});

test("reconcile puts right what somebody changed", async () => {
  const root = makeScratchRoot(start);
  await enroll(root, ["--no-verify"]);
  const enrolled = snapshotTree(root);
  rmSync(join(root, `etc/docker/certs.d/${registry.name}/ca.crt`));
  writeFileSync(join(root, "root/.docker/config.json"), "{}\n");
  const status = await ran(root, ["status"]);
  expect(steady(status.out)).toContain("/etc/docker/certs.d/127.0.0.1:PORT/ca.crt missing\n");
  expect(steady(status.out)).toContain("/root/.docker/config.json changed\n");
  const dry = await ran(root, ["reconcile", "--dry-run"]);
  expect(steady(dry.out)).toContain("127.0.0.1:PORT: would be changed\n");
  const done = await ran(root, ["reconcile"]);
  expect(steady(done.out)).toContain("127.0.0.1:PORT: ");
  expect(done.exit).toBe(0);
  const healed = snapshotTree(root);
  expect(healed[`/etc/docker/certs.d/${registry.name}/ca.crt`]).toBe(
    enrolled[`/etc/docker/certs.d/${registry.name}/ca.crt`],
  );
  expect(JSON.parse(readFileSync(join(root, "root/.docker/config.json"), "utf8"))).toMatchObject({
    credHelpers: { [registry.name]: "regclient" },
  });
});
