import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, steady, type Ran } from "../support/command-line.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const registry = useRegistry();
const start = { "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" };
// not before the certificate, which is new
const NOW = Date.now() + 3_600_000;
const AT = new Date(NOW).toISOString();
const MINUTE = AT.slice(0, 16).replace("T", " ");

async function enroll(root: string): Promise<void> {
  const trust = ["--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin", "--no-verify"];
  const enrolled = await runCommand(["enroll", registry.name, ...trust], { root, stdin: "s3cret-pass\n" });
  expect(enrolled.exit).toBe(0);
}

async function verify(root: string, argv: readonly string[] = []): Promise<Ran> {
  return runCommand(["verify", ...argv], { root, now: NOW });
}

function recordPath(root: string): string {
  return join(root, "var/lib/regclient/verifications", `${registry.name}.json`);
}

function readRecord(root: string): unknown {
  return JSON.parse(readFileSync(recordPath(root), "utf8"));
}

/** What the registry was asked to write while `work` ran. */
async function writesDuring(
  work: () => Promise<Ran>,
): Promise<{ readonly ran: Ran; readonly writes: readonly string[] }> {
  const before = registry.requests.length;
  const ran = await work();
  const writes = registry.requests.slice(before).filter(({ method }) => method !== "GET" && method !== "HEAD");
  return {
    ran,
    writes: writes.map(({ method, path }) => `${method} ${path.replace(/uploads\/[^/]+$/, "uploads/ID")}`),
  };
}

test("--light proves write access with a blob that is always the same, and makes no tag", async () => {
  const root = makeScratchRoot(start);
  await enroll(root);
  const before = snapshotTree(root);
  const { ran, writes } = await writesDuring(async () => verify(root, ["--light"]));
  expect(steady(ran.out)).toBe(`127.0.0.1:PORT works from this host (light)
  ✓  direct  name          0 ms  127.0.0.1 is 127.0.0.1
  ✓  direct  tls           0 ms  CN=self-signed, until DAY
  ✓  direct  ping          0 ms  asks for a login
  ✓  direct  login         0 ms  as xl (Basic)
  ✓  direct  write access  0 ms  upload session of regclient-smoke opened and ended, with OCI's empty blob
`);
  expect(ran.exit).toBe(0);
  const uploads = "/v2/regclient-smoke/blobs/uploads/";
  // the first is asked without the login, as nobody has asked for it yet
  expect([...new Set(writes)]).toEqual([`POST ${uploads}`, `PUT ${uploads}ID`]);
  expect(snapshotTree(root)).toEqual(before);
});

test.each([
  ["pull", "pull"],
  ["login", undefined],
])("--light with --mode %s writes nothing at all", async (mode, last) => {
  const root = makeScratchRoot(start);
  await enroll(root);
  const { ran, writes } = await writesDuring(async () => verify(root, ["--light", "--mode", mode, "--output", "json"]));
  const { reports } = JSON.parse(ran.out) as {
    reports: { mode: string; ways: { checks: { name: string }[] }[] }[];
  };
  expect(reports[0]?.mode).toBe(mode);
  expect(reports[0]?.ways).toHaveLength(1);
  expect(reports[0]?.ways[0]?.checks[4]?.name).toBe(last);
  expect(writes).toEqual([]);
});

test("--record keeps how it went, status tells it, and unenroll takes it away", async () => {
  const root = makeScratchRoot(start);
  const untouched = snapshotTree(root);
  await enroll(root);
  expect((await verify(root, ["--light", "--record"])).exit).toBe(0);
  expect(readRecord(root)).toEqual({ version: 1, registry: registry.name, at: AT, ok: true, mode: "light", tookMs: 0 });
  const enrolled = snapshotTree(root);
  const status = await runCommand(["status"], { root });
  expect(status.out).toContain(`  verified ${MINUTE} UTC (light, 0 ms) ✓\n`);
  const json = await runCommand(["status", "--output", "json"], { root });
  expect(JSON.parse(json.out)).toMatchObject({
    registries: [{ verification: { at: AT, ok: true, mode: "light", tookMs: 0 } }],
  });

  const again = await runCommand(["reconcile"], { root });
  expect(again.exit).toBe(0);
  expect(snapshotTree(root)).toEqual(enrolled);
  expect((await runCommand(["unenroll", registry.name], { root })).exit).toBe(0);
  expect(snapshotTree(root)).toEqual(untouched);
});

test("--record keeps the code of what failed, also of a login that cannot be read", async () => {
  const root = makeScratchRoot(start);
  await enroll(root);
  rmSync(join(root, `etc/docker/certs.d/${registry.name}/ca.crt`));
  const untrusted = await verify(root, ["--record", "--mode", "login"]);
  expect(untrusted.exit).not.toBe(0);
  expect(readRecord(root)).toMatchObject({
    ok: false,
    mode: "login",
    code: expect.stringMatching(/^RC-(TLS|TRU|NET)-/),
  });
  const status = await runCommand(["status"], { root });
  expect(status.out).toMatch(/^ {2}verified [-\d]+ [:\d]+ UTC \(login, 0 ms\) failed RC-\w+-\d+$/m);

  rmSync(join(root, `var/lib/regclient/credentials/${registry.name}.sealed`));
  expect((await verify(root, ["--light", "--record"])).exit).toBe(4);
  expect(readRecord(root)).toMatchObject({ ok: false, mode: "light", code: expect.stringMatching(/^RC-CRD-/) });
});

test("--record of what is not enrolled keeps nothing", async () => {
  const root = makeScratchRoot(start);
  const before = snapshotTree(root);
  expect((await verify(root, ["reg.test", "--record"])).exit).toBe(2);
  expect(snapshotTree(root)).toEqual(before);
});

test("a record that cannot be kept is told, and does not hide what the verification came to", async () => {
  const root = makeScratchRoot(start);
  await enroll(root);
  writeFileSync(join(root, "var/lib/regclient/verifications"), "in the way");
  const before = snapshotTree(root);
  const ran = await verify(root, ["--light", "--record"]);
  expect(ran.out).toContain("works from this host (light)");
  expect(ran.err).toContain("RC-HST-");
  expect(ran.exit).toBe(7);
  expect(snapshotTree(root)).toEqual(before);
});

test("a damaged record is none, and the next verification replaces it", async () => {
  const root = makeScratchRoot(start);
  await enroll(root);
  mkdirSync(join(root, "var/lib/regclient/verifications"));
  writeFileSync(recordPath(root), "{");
  expect((await runCommand(["status"], { root })).out).not.toContain("verified");
  expect((await verify(root, ["--light", "--record"])).exit).toBe(0);
  expect(readRecord(root)).toMatchObject({ ok: true });
});
