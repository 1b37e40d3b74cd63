import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parseCertificate } from "../../src/trust/certificate.ts";
import { showFingerprint } from "../../src/trust/fingerprint.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, steady, type Ran } from "../support/command-line.ts";
import { readPem } from "../support/read-pem.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";
import { makeSelfSigned, type KeyPair } from "../support/self-signed.ts";

const registry = useRegistry();
const DAY = 86_400_000;
const next = makeSelfSigned(["IP:127.0.0.1"]);
const other = makeSelfSigned(["IP:127.0.0.1"]);
const zeros = `sha256:${"0".repeat(64)}`;

afterEach(() => registry.replaceCertificate(registry.tls));

function fingerprintOf({ cert }: KeyPair): string {
  return showFingerprint(valueOf(parseCertificate(readPem(cert))));
}

async function ran(root: string, argv: readonly string[], now?: number): Promise<Ran> {
  return runCommand(argv, { root, stdin: "s3cret-pass\n", ...(now !== undefined && { now }) });
}

/** A tree that is enrolled by the fingerprint of what was served first; `trust` are more lines of its declaration. */
async function enrolled(trust: readonly string[] = []): Promise<string> {
  const root = makeScratchRoot({ "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" });
  const login = ["--username", "xl", "--password-stdin", "--no-verify"];
  const done = await ran(root, ["enroll", registry.name, "--fingerprint", registry.fingerprint, ...login]);
  expect(done.exit).toBe(0);
  const path = join(root, `etc/regclient/registries.d/${registry.name}.yaml`);
  const text = readFileSync(path, "utf8").replace("trust:\n", ["trust:", ...trust, ""].join("\n"));
  writeFileSync(path, text);
  return root;
}

function bundleIn(root: string): string {
  return readFileSync(join(root, `etc/docker/certs.d/${registry.name}/ca.crt`), "utf8");
}

/** The tree without what regclient remembers of trust. */
function withoutRecords(root: string): Readonly<Record<string, string>> {
  const records = new Set([`/var/lib/regclient/registries/${registry.name}.json`, "/var/lib/regclient/decisions.log"]);
  return Object.fromEntries(Object.entries(snapshotTree(root)).filter(([path]) => !records.has(path)));
}

test("an announced certificate is followed, old and new side by side, and the old one retired after the grace", async () => {
  const root = await enrolled([`  nextFingerprints: [${fingerprintOf(next)}]`, "  grace: P2D"]);
  expect((await ran(root, ["reconcile"])).out).toContain(": as declared\n");
  registry.replaceCertificate(next);
  const followed = await ran(root, ["reconcile"]);
  expect(steady(followed.out)).toContain(
    "  changed  /etc/docker/certs.d/127.0.0.1:PORT/ca.crt (trusted certificates)\n",
  );
  expect(steady(followed.err)).toContain(
    "note: sha256:HEX is trusted now as well: next-fingerprint (announced as sha256:HEX)",
  );
  expect(followed.exit).toBe(0);
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
  const settled = snapshotTree(root);
  expect(steady((await ran(root, ["reconcile"])).out)).toBe("127.0.0.1:PORT: as declared\n");
  expect(snapshotTree(root)).toEqual(settled);

  const day = Date.now() + DAY;
  expect(steady((await ran(root, ["reconcile"], day)).out)).toBe("127.0.0.1:PORT: as declared\n");
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
  expect((await ran(root, ["trust", "show", registry.name])).out).toMatch(/last needed \S+; not needed since /);
});

test("what nothing needs is retired after the grace, and never comes back by itself", async () => {
  const pins = [registry.fingerprint, fingerprintOf(next)].join(", ");
  const root = await enrolled([`  nextFingerprints: [${pins}]`, "  grace: 0s"]);
  registry.replaceCertificate(next);
  const done = await ran(root, ["reconcile"]);
  expect(steady(done.err)).toContain("note: sha256:HEX is no longer trusted: last needed TIME");
  expect(bundleIn(root)).toBe(next.cert);
  expect(steady((await ran(root, ["reconcile"])).out)).toBe("127.0.0.1:PORT: as declared\n");
  registry.replaceCertificate(registry.tls);
  const replayed = await ran(root, ["reconcile"]);
  expect(replayed.err).toContain("[RC-TRU-013]");
  expect(replayed.err).toContain("was trusted before and has been retired");
  expect(replayed.exit).toBe(3);
  expect(bundleIn(root)).toBe(next.cert);
});

test("a swap without notice changes only the record, once, and waits for a person", async () => {
  const root = await enrolled();
  const before = withoutRecords(root);
  registry.replaceCertificate(other);
  const dry = await ran(root, ["reconcile", "--dry-run"]);
  expect(dry.exit).toBe(3);
  expect((await ran(root, ["status"])).out).not.toContain("waiting");
  const verify = await ran(root, ["verify"]);
  expect(verify.out).toContain("does not work from this host");
  const refused = await ran(root, ["reconcile"]);
  expect({ exit: refused.exit, out: refused.out }).toEqual({ exit: 3, out: "" });
  expect(refused.err).toContain("[RC-TRU-013]");
  expect(refused.err).toContain(`regclient trust accept ${registry.name} ${fingerprintOf(other)}\n`);
  expect(withoutRecords(root)).toEqual(before);
  const remembered = snapshotTree(root);
  expect((await ran(root, ["reconcile"])).exit).toBe(3);
  expect((await ran(root, ["enroll", registry.name])).exit).toBe(3);
  expect(snapshotTree(root)).toEqual(remembered);

  const status = await ran(root, ["status"]);
  expect(steady(status.out)).toContain(`  waiting  sha256:HEX, first seen DAY
           CN=self-signed, issued by CN=self-signed, until DAY, spki:HEX
           regclient trust accept 127.0.0.1:PORT sha256:HEX   (or reject)
`);
  const json = JSON.parse((await ran(root, ["status", "--output", "json"])).out) as object;
  expect(json).toMatchObject({ registries: [{ pending: [{ fingerprint: fingerprintOf(other) }], rejected: [] }] });
});

test("accepting takes the exact fingerprint of what is served, and heals", async () => {
  const root = await enrolled();
  registry.replaceCertificate(other);
  await ran(root, ["reconcile"]);
  const before = snapshotTree(root);
  for (const wrong of [zeros, registry.fingerprint, fingerprintOf(next)]) {
    const refused = await ran(root, ["trust", "accept", registry.name, wrong]);
    expect(refused.exit).toBe(3);
    expect(refused.err).toContain("[RC-TRU-017]");
  }
  expect(snapshotTree(root)).toEqual(before);

  const accepted = await ran(root, ["trust", "accept", registry.name, fingerprintOf(other)]);
  expect(steady(accepted.out)).toBe(`127.0.0.1:PORT: sha256:HEX is trusted now
  changed  /etc/docker/certs.d/127.0.0.1:PORT/ca.crt (trusted certificates)
`);
  expect(bundleIn(root)).toBe(registry.tls.cert + other.cert);
  const settled = snapshotTree(root);
  const again = await ran(root, ["trust", "accept", registry.name, fingerprintOf(other), "--output", "json"]);
  expect(JSON.parse(again.out)).toMatchObject({ exit: 0, changed: false, changes: [] });
  expect((await ran(root, ["reconcile"])).exit).toBe(0);
  expect(snapshotTree(root)).toEqual(settled);

  const shown = await ran(root, ["trust", "show", registry.name]);
  expect(steady(shown.out)).toBe(`127.0.0.1:PORT
  trusted  sha256:HEX, until DAY
           since DAY by tester, because: fingerprint
           last needed DAY
  trusted  sha256:HEX, until DAY
           since DAY by tester, because: accepted (tester gave sha256:HEX while it was served)
           last needed DAY
  source   well-known https://127.0.0.1:PORT/.well-known/regclient/trust.pem, hold-down 1d
           nothing was read there yet
decisions, the last ones:
  TIME, trusted by tester
           sha256:HEX
           because: fingerprint
  TIME, pending by tester
           sha256:HEX
           because: nothing trusted vouches for it (CN=self-signed, issued by CN=self-signed, spki:HEX)
  TIME, accepted by tester
           sha256:HEX
           because: accepted (tester gave sha256:HEX while it was served)
`);
});

test("accepting needs no earlier pass, and refuses what is not served now", async () => {
  const root = await enrolled();
  registry.replaceCertificate(other);
  await ran(root, ["reconcile"]);
  registry.replaceCertificate(next);
  const late = await ran(root, ["trust", "accept", registry.name, fingerprintOf(other)]);
  expect(late.err).toContain("is not the fingerprint of a certificate that is served now");
  expect(late.exit).toBe(3);
  expect(bundleIn(root)).toBe(registry.tls.cert);
  expect((await ran(root, ["trust", "accept", registry.name, fingerprintOf(next)])).exit).toBe(0);
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
});

test("what is rejected stays refused, with its own finding, and a person's new word undoes it", async () => {
  const root = await enrolled();
  registry.replaceCertificate(other);
  const early = await ran(root, ["trust", "reject", registry.name, fingerprintOf(other)]);
  expect(early.err).toContain("[RC-TRU-017]");
  await ran(root, ["reconcile"]);
  const rejected = await ran(root, ["trust", "reject", registry.name, fingerprintOf(other)]);
  expect(steady(rejected.out)).toBe("127.0.0.1:PORT: sha256:HEX is rejected, and nobody is asked about it again\n");
  const settled = snapshotTree(root);
  expect((await ran(root, ["trust", "reject", registry.name, fingerprintOf(other)])).out).toContain(
    "was rejected before",
  );
  for (const command of [["reconcile"], ["trust", "accept", registry.name, fingerprintOf(other)]]) {
    const refused = await ran(root, command);
    expect(refused.err).toContain("[RC-TRU-016]");
    expect(refused.exit).toBe(3);
  }
  expect(snapshotTree(root)).toEqual(settled);
  expect((await ran(root, ["status"])).out).not.toContain("waiting");
  expect(steady((await ran(root, ["trust", "show", registry.name])).out)).toContain(
    "  rejected sha256:HEX, on DAY by tester\n",
  );

  const enroll = ["enroll", registry.name, "--fingerprint", fingerprintOf(other), "--no-verify"];
  expect((await ran(root, enroll)).exit).toBe(0);
  expect((await ran(root, ["trust", "show", registry.name])).out).not.toContain("  rejected ");
  expect(bundleIn(root)).toBe(other.cert);
});

test("a record that was written before there was rotation is read, and brought up to date", async () => {
  const root = await enrolled();
  const path = join(root, `var/lib/regclient/registries/${registry.name}.json`);
  const record = JSON.parse(readFileSync(path, "utf8")) as { anchors: { lastNeeded?: string }[] };
  for (const anchor of record.anchors) delete anchor.lastNeeded;
  writeFileSync(path, `${JSON.stringify(record, undefined, 2)}\n`);
  expect((await ran(root, ["trust", "show", registry.name])).out).toContain("not yet seen to be needed");
  expect((await ran(root, ["reconcile"])).out).toContain(": as declared\n");
  expect((await ran(root, ["trust", "show", registry.name])).out).toContain("last needed ");
});

test("unenrolling takes the record of decisions with it", async () => {
  const root = makeScratchRoot({ "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" });
  const before = snapshotTree(root);
  const trust = ["--trust-on-first-use", "--username", "xl", "--password-stdin", "--no-verify"];
  await ran(root, ["enroll", registry.name, ...trust]);
  registry.replaceCertificate(other);
  await ran(root, ["reconcile"]);
  expect(Object.keys(snapshotTree(root))).toContain("/var/lib/regclient/decisions.log");
  await ran(root, ["unenroll", registry.name]);
  expect(snapshotTree(root)).toEqual(before);
});

test.each([
  [["trust"], "trust needs to be told what to do: show, accept or reject"],
  [["trust", "shw", "x"], "there is no command shw; did you mean show?"],
  [["trust", "accept"], "the NAME of a registry is missing"],
  [["trust", "accept", "x"], "the FINGERPRINT of a certificate is missing"],
])("%j is explained", async (argv, message) => {
  const refused = await ran(makeScratchRoot(), argv);
  expect({ exit: refused.exit, told: refused.err.includes(message) }).toEqual({ exit: 2, told: true });
});
