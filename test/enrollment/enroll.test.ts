import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { enroll } from "../../src/enrollment/enroll.ts";
import { heal } from "../../src/enrollment/heal.ts";
import type { EnrollRequest, Pass } from "../../src/enrollment/pass.ts";
import { unattended } from "../../src/enrollment/unattended.ts";
import { createLock } from "../../src/host/node-lock.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand } from "../support/command-line.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeBrokenKeychain } from "../support/fake-keychain.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const registry = useRegistry();
const start = { "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" };

/** A pass on a host, and the notes it made. */
function makePass(root: string): { readonly pass: Pass; readonly notes: string[] } {
  const notes: string[] = [];
  const watch = {
    begin: () => undefined,
    note: (text: string) => void notes.push(text),
    waiting: () => undefined,
    recovered: () => undefined,
  };
  return { pass: { host: makeFakeHost({ root }), keychain: makeBrokenKeychain("none"), watch }, notes };
}

function requestFor(more: Partial<EnrollRequest> = {}): EnrollRequest {
  return { ...unattended(valueOf(parseRegistryName(registry.name)), 5), mustBeDeclared: false, ...more };
}

async function enrolled(root: string): Promise<Readonly<Record<string, string>>> {
  const argv = ["enroll", registry.name, "--fingerprint", registry.fingerprint, "--no-verify"];
  expect((await runCommand(argv, { root })).exit).toBe(0);
  return snapshotTree(root);
}

test("while a person is asked, others may have the lock", async () => {
  const root = makeScratchRoot(start);
  const other = createLock(join(root, "run/regclient/lock"), "another");
  let free = false;
  const confirm: EnrollRequest["confirm"] = async ([leaf]) => {
    const attempt = await other.tryAcquire();
    free = "release" in attempt;
    if ("release" in attempt) attempt.release();
    return leaf;
  };
  const done = await enroll(makePass(root).pass, requestFor({ confirm }));
  expect(done.ok).toBe(true);
  expect(free).toBe(true);
});

test("what another run has declared meanwhile counts, and is not overwritten", async () => {
  const root = makeScratchRoot(start);
  const { pass, notes } = makePass(root);
  let asked = 0;
  const confirm: EnrollRequest["confirm"] = async ([leaf]) => {
    if (++asked === 1) {
      const argv = ["enroll", registry.name, "--fingerprint", registry.fingerprint, "--mode", "pull", "--no-verify"];
      expect((await runCommand(argv, { root })).exit).toBe(0);
    }
    return leaf;
  };
  valueOf(await enroll(pass, requestFor({ confirm })));
  expect(notes).toContain(`${registry.name} was changed meanwhile by another regclient, so this begins anew`);
  const declared = readFileSync(join(root, `etc/regclient/registries.d/${registry.name}.yaml`), "utf8");
  expect(declared).toContain("mode: pull");
  expect(declared).toContain(registry.fingerprint);
});

test("what is changed again and again is looked at under the lock in the end", async () => {
  const root = makeScratchRoot(start);
  await enrolled(root);
  const path = join(root, `etc/regclient/registries.d/${registry.name}.yaml`);
  const { pass, notes } = makePass(root);
  let count = 0;
  const begin = (step: string): void => {
    if (!step.startsWith("reading the certificate") || count > 2) return;
    const text = readFileSync(path, "utf8").replace(/\nverify:.*\n/, "\n");
    writeFileSync(path, `${text}verify: { repository: r${++count} }\n`);
  };
  valueOf(await enroll({ ...pass, watch: { ...pass.watch, begin } }, requestFor()));
  expect(notes.filter((note) => note.includes("begins anew"))).toHaveLength(2);
});

test("a pass that nobody asked for, over a stored login, makes one connection, and one request on it", async () => {
  const root = makeScratchRoot(start);
  const argv = ["enroll", registry.name, "--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin"];
  expect((await runCommand([...argv, "--no-verify"], { root, stdin: "s3cret-pass\n" })).exit).toBe(0);
  const [connections, requests] = [registry.connections(), registry.requests.length];
  valueOf(await enroll(makePass(root).pass, requestFor({ mustBeDeclared: true })));
  expect(registry.connections() - connections).toBe(1);
  expect(registry.requests.slice(requests).map(({ path }) => path)).toEqual(["/.well-known/regclient/trust.pem"]);
});

test("nobody is asked for a password where the host itself has something against it", async () => {
  const theirs = { [`/etc/docker/certs.d/${registry.name}/ca.crt`]: "theirs\n" };
  const root = makeScratchRoot({ ...start, ...theirs });
  const before = snapshotTree(root);
  let asked = 0;
  const overrides = { fingerprints: [registry.fingerprint], username: "xl" };
  const askPassword = async (): Promise<undefined> => void (asked += 1);
  const done = await enroll(makePass(root).pass, requestFor({ overrides, askPassword }));
  expect(done.ok ? "enrolled" : done.problem.code).toBe("RC-TRU-010");
  expect(asked).toBe(0);
  expect(snapshotTree(root)).toEqual(before);
});

test("without the network, what was enrolled is put right by the records, and nothing else", async () => {
  const root = makeScratchRoot(start);
  const before = await enrolled(root);
  const path = `/etc/docker/certs.d/${registry.name}/ca.crt`;
  rmSync(join(root, path));
  const { pass } = makePass(root);
  const steps: string[] = [];
  const healed = valueOf(
    await heal({ ...pass, watch: { ...pass.watch, begin: (s) => void steps.push(s) } }, requestFor()),
  );
  expect(healed.kind === "healed" && healed.plan.changes.map((each) => "path" in each && each.path)).toContain(path);
  expect(steps).toEqual(["changing the host, all or nothing"]);
  expect(snapshotTree(root)).toEqual(before);
  expect(valueOf(await heal(pass, requestFor()))).toMatchObject({ kind: "healed", plan: { changes: [] } });
});

test("without the network, what is declared otherwise is left to a pass that asks the registry", async () => {
  const root = makeScratchRoot(start);
  await enrolled(root);
  const path = join(root, `etc/regclient/registries.d/${registry.name}.yaml`);
  writeFileSync(path, `${readFileSync(path, "utf8")}runtimes: [docker]\n`);
  const before = snapshotTree(root);
  expect(valueOf(await heal(makePass(root).pass, requestFor()))).toEqual({ kind: "unknown" });
  expect(snapshotTree(root)).toEqual(before);
});

test("a pass that leaves a stored login opens no vault while it is in its place, and says so once it is not", async () => {
  const root = makeScratchRoot(start);
  const argv = ["enroll", registry.name, "--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin"];
  expect((await runCommand([...argv, "--no-verify"], { root, stdin: "s3cret-pass\n" })).exit).toBe(0);
  const before = snapshotTree(root);
  const { pass } = makePass(root);
  const left = valueOf(await enroll(pass, requestFor({ leaveLogin: true })));
  expect(left.plan.changes).toEqual([]);
  expect(left.credential).toBeUndefined();
  expect(snapshotTree(root)).toEqual(before);
  rmSync(join(root, `var/lib/regclient/credentials/${registry.name}.sealed`));
  expect(await enroll(pass, requestFor({ leaveLogin: true }))).toMatchObject({ problem: { code: "RC-CRD-004" } });
});

describe("a Docker config that got the helper when somebody else ran regclient", () => {
  const path = "home/anna/.docker/config.json";
  const users = { ...start, "/etc/passwd": "anna:x:1000:1000::/home/anna:/bin/sh\n", "/home/anna/x": "" };

  async function makeEnrolled(): Promise<string> {
    const root = makeScratchRoot(users);
    const trust = ["--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin", "--no-verify"];
    const caller = { uid: 0, environment: { SUDO_USER: "anna" } };
    const host = { root, stdin: "s3cret-pass\n", caller };
    expect(await runCommand(["enroll", registry.name, ...trust], host)).toMatchObject({ exit: 0 });
    expect(readFileSync(join(root, path), "utf8")).toContain("regclient");
    return root;
  }

  test.runIf(process.getuid?.() === 0).each([
    ["that is removed is put right", (file: string) => rmSync(dirname(file), { recursive: true }), true],
    ["that is emptied is put right", (file: string) => writeFileSync(file, "{}\n"), true],
    ["that no program can read is left, and holds up nothing", (file: string) => writeFileSync(file, "{ no"), false],
    [
      "whose user is gone is left, and holds up nothing",
      (file: string) => rmSync(dirname(dirname(file)), { recursive: true }),
      false,
    ],
  ])("%s", async (_, drift, isHealed) => {
    const root = await makeEnrolled();
    const before = snapshotTree(root);
    drift(join(root, path));
    const drifted = snapshotTree(root);
    const bundle = `/etc/docker/certs.d/${registry.name}/ca.crt`;
    rmSync(join(root, bundle));
    expect(valueOf(await heal(makePass(root).pass, requestFor()))).toMatchObject({ kind: "healed" });
    if (isHealed)
      expect(JSON.parse(readFileSync(join(root, path), "utf8"))).toEqual(
        JSON.parse(before[`/${path}`]?.slice(4) ?? ""),
      );
    else expect(snapshotTree(root)).toEqual(drifted);
    expect(snapshotTree(root)[bundle]).toBe(before[bundle]);
  });
});
