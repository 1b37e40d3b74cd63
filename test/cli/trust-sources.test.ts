import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { parseCertificate } from "../../src/trust/certificate.ts";
import { showFingerprint } from "../../src/trust/fingerprint.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, steady, type Ran } from "../support/command-line.ts";
import { readPem } from "../support/read-pem.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";
import { makeSelfSigned, type KeyPair } from "../support/self-signed.ts";
import { serveFile, startSourceServer, type SourceServer } from "../support/source-server.ts";

const registry = useRegistry();
const HOUR = 3_600_000;
// the certificates are valid for 48 hours from now on
// a minute on: certificates are made after this, and are valid from then
const START = Date.now() + 60_000;
const next = makeSelfSigned(["IP:127.0.0.1"]);
const other = makeSelfSigned(["IP:127.0.0.1"]);

let server: SourceServer;
beforeAll(async () => {
  server = await startSourceServer(registry.tls);
});
afterAll(() => server.close());
afterEach(() => {
  registry.replaceCertificate(registry.tls);
  server.replaceCertificate(registry.tls);
  server.answer = () => ({ status: 404 });
});

function fingerprintOf({ cert }: KeyPair): string {
  return showFingerprint(valueOf(parseCertificate(readPem(cert))));
}

/** `hours` after the beginning, by the clock; by the machine's uptime as well, unless said otherwise. */
async function ran(root: string, argv: readonly string[], hours = 0, uptimeHours = hours + 1000): Promise<Ran> {
  const clocks = { now: START + hours * HOUR, uptime: uptimeHours * HOUR };
  return runCommand(argv, { root, stdin: "s3cret-pass\n", ...clocks });
}

function url(path = "/trust.pem"): string {
  return `https://127.0.0.1:${server.port}${path}`;
}

async function enrolled(options?: readonly string[]): Promise<string> {
  const root = makeScratchRoot({ "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" });
  const login = ["--username", "xl", "--password-stdin", "--no-verify"];
  const sources = options ?? ["--trust-source", `well-known=${url()}`];
  const done = await ran(root, ["enroll", registry.name, "--fingerprint", registry.fingerprint, ...login, ...sources]);
  expect({ exit: done.exit, err: done.exit === 0 ? "" : done.err }).toEqual({ exit: 0, err: "" });
  return root;
}

function bundleIn(root: string): string {
  return readFileSync(join(root, `etc/docker/certs.d/${registry.name}/ca.crt`), "utf8");
}

function declarationIn(root: string): string {
  return readFileSync(join(root, `etc/regclient/registries.d/${registry.name}.yaml`), "utf8");
}

function withoutRecords(root: string): Readonly<Record<string, string>> {
  const records = new Set([`/var/lib/regclient/registries/${registry.name}.json`, "/var/lib/regclient/decisions.log"]);
  return Object.fromEntries(Object.entries(snapshotTree(root)).filter(([path]) => !records.has(path)));
}

test("what is announced is trusted after its hold-down, before it is served, and no pull is lost", async () => {
  const root = await enrolled();
  server.answer = serveFile(registry.tls.cert);
  expect((await ran(root, ["reconcile"], 1)).err).not.toContain("note:");
  const settled = snapshotTree(root);
  expect((await ran(root, ["reconcile"], 2)).err).not.toContain("note:");
  expect(snapshotTree(root)).toEqual(settled);

  server.answer = serveFile(registry.tls.cert + next.cert);
  const before = withoutRecords(root);
  const announced = await ran(root, ["reconcile"], 10);
  expect(steady(announced.err)).toContain("note: sha256:HEX is announced to come: CN=self-signed, by well-known");
  expect(announced.err).toContain("to be trusted after 1d");
  expect(announced.out).toContain(": as declared\n");
  const shown = await ran(root, ["trust", "show", registry.name], 10);
  expect(steady(shown.out)).toContain(`  coming   sha256:HEX, first seen TIME
           CN=self-signed, issued by CN=self-signed, until DAY
           announced by https://127.0.0.1:PORT/trust.pem
           to be trusted from TIME on, if it stays announced (1d to pass)
  source   well-known https://127.0.0.1:PORT/trust.pem, hold-down 1d
           last read TIME: 2 certificates
`);
  const early = await ran(root, ["reconcile"], 33);
  expect({ exit: early.exit, noted: early.err.includes("note:") }).toEqual({ exit: 0, noted: false });
  expect(withoutRecords(root)).toEqual(before);
  const json = JSON.parse((await ran(root, ["status", "--output", "json"], 33)).out) as object;
  expect(json).toMatchObject({
    registries: [
      {
        sources: [
          { kind: "well-known", location: url(), holdDown: 86_400, gives: [registry.fingerprint, fingerprintOf(next)] },
        ],
        announced: [{ fingerprint: fingerprintOf(next), source: url(), left: 3600, verifiedBy: registry.fingerprint }],
      },
    ],
  });

  const due = await ran(root, ["reconcile"], 34);
  expect(due.err).toContain(`note: ${fingerprintOf(next)} is trusted now as well: announced (by well-known ${url()}`);
  expect(due.err).toContain(`over a connection that ${registry.fingerprint} verified)`);
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
  registry.replaceCertificate(next);
  expect((await ran(root, ["verify", "--via", "direct", "--mode", "login"], 35)).exit).toBe(0);
  expect((await ran(root, ["reconcile"], 35)).out).toContain(": as declared\n");
  expect((await ran(root, ["trust", "show", registry.name], 35)).out).toMatch(
    /announced by tester\n +sha256:.*\n +because: well-known[^]*followed by tester\n +sha256:.*\n +because: announced/,
  );
});

test("where all is trusted, the second time of a day it is only asked whether anything changed", async () => {
  const root = await enrolled();
  server.answer = serveFile(registry.tls.cert);
  await ran(root, ["reconcile"]);
  await ran(root, ["reconcile"], 1);
  expect(server.asked.at(-1)?.headers["if-none-match"]).toMatch(/^"/);
  await ran(root, ["reconcile"], 25);
  expect(server.asked.at(-1)?.headers["if-none-match"]).toBeUndefined();
});

// net/http of Go answers 304 to a date that is to come, and everybody to "*"
test.each<readonly [string, Readonly<Record<string, string>>]>([
  ["the ETag of what comes after it", { ETag: '"genuine"' }],
  ["an ETag that is everybody's", { ETag: "*" }],
  ["a date that is to come", { "Last-Modified": "Tue, 01 Jan 2097 00:00:00 GMT" }],
])("whoever announces for one pass, with %s, gains no time from what is not modified", async (_, headers) => {
  const root = await enrolled();
  server.answer = () => ({ headers, body: registry.tls.cert + other.cert });
  await ran(root, ["reconcile"]);
  const genuine = { headers: { ETag: '"genuine"' }, body: registry.tls.cert };
  server.answer = ({ headers: sent }) =>
    sent["if-none-match"] === undefined && sent["if-modified-since"] === undefined ? genuine : { status: 304 };
  for (const hours of [1, 13, 24, 25]) await ran(root, ["reconcile"], hours);
  expect(bundleIn(root)).toBe(registry.tls.cert);
  expect((await ran(root, ["trust", "show", registry.name])).out).not.toContain("coming");
});

test.each<readonly [string, Readonly<Record<string, string>>]>([
  ["an ETag that is everybody's", { ETag: "*" }],
  ["a date that is to come", { "Last-Modified": "Tue, 01 Jan 2097 00:00:00 GMT" }],
])("whoever left %s on the source hides nothing for longer than a day", async (_, headers) => {
  const root = await enrolled();
  server.answer = () => ({ headers, body: registry.tls.cert });
  await ran(root, ["reconcile"]);
  server.answer = ({ headers: sent }) =>
    sent["if-none-match"] === undefined && sent["if-modified-since"] === undefined
      ? { body: registry.tls.cert + next.cert }
      : { status: 304 };
  await ran(root, ["reconcile"], 12);
  await ran(root, ["reconcile"], 24);
  expect((await ran(root, ["trust", "show", registry.name])).out).toContain("coming");
});

test("what is no longer announced is forgotten, and begins anew", async () => {
  const root = await enrolled();
  server.answer = serveFile(registry.tls.cert + next.cert);
  await ran(root, ["reconcile"]);
  server.answer = serveFile(registry.tls.cert);
  expect((await ran(root, ["reconcile"], 20)).err).toContain(`${fingerprintOf(next)} is no longer announced`);
  server.answer = serveFile(registry.tls.cert + next.cert);
  expect((await ran(root, ["reconcile"], 21)).err).toContain("is announced to come");
  expect((await ran(root, ["reconcile"], 30)).err).not.toContain("note:");
  expect(bundleIn(root)).toBe(registry.tls.cert);
});

test("time does not count by a clock that was set, nor across a start of the machine", async () => {
  const root = await enrolled();
  server.answer = serveFile(registry.tls.cert + next.cert);
  await ran(root, ["reconcile"], 0, 100);
  await ran(root, ["reconcile"], 20, 101);
  expect((await ran(root, ["trust", "show", registry.name])).out).toContain("(23h to pass)");
  await ran(root, ["reconcile"], 40, 5);
  expect((await ran(root, ["trust", "show", registry.name])).out).toContain("(18h to pass)");
  await ran(root, ["reconcile"], 10, 15);
  expect((await ran(root, ["trust", "show", registry.name])).out).toContain("(18h to pass)");
  expect(bundleIn(root)).toBe(registry.tls.cert);
  await ran(root, ["reconcile"], 34, 33);
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
});

test("what is served before its hold-down has passed waits, with how long, and can be accepted", async () => {
  const root = await enrolled();
  server.answer = serveFile(registry.tls.cert + next.cert);
  await ran(root, ["reconcile"]);
  await ran(root, ["reconcile"], 4);
  registry.replaceCertificate(next);
  server.replaceCertificate(next);
  const before = withoutRecords(root);
  const early = await ran(root, ["reconcile"], 30);
  expect(early.exit).toBe(3);
  expect(early.err).toContain("[RC-TRU-032]");
  expect(early.err).toContain("20h of 1d are to pass yet");
  expect(early.err).toContain(`regclient trust accept ${registry.name} ${fingerprintOf(next)}`);
  expect(early.err).toContain("its connection is not verified, so it was not asked");
  expect(withoutRecords(root)).toEqual(before);
  const remembered = snapshotTree(root);
  expect((await ran(root, ["reconcile"], 45)).exit).toBe(3);
  expect(snapshotTree(root)).toEqual(remembered);
  expect((await ran(root, ["trust", "accept", registry.name, fingerprintOf(next)], 45)).exit).toBe(0);
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
  expect((await ran(root, ["status"], 45)).out).not.toContain("coming");
});

test("what was served too early is trusted by itself once the source could be read for long enough", async () => {
  const root = await enrolled();
  server.answer = serveFile(registry.tls.cert + next.cert);
  await ran(root, ["reconcile"]);
  registry.replaceCertificate(next);
  expect((await ran(root, ["reconcile"], 12)).err).toContain("12h of 1d are to pass yet");
  expect((await ran(root, ["reconcile"], 24)).err).toContain("is trusted now as well: announced");
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
});

test("whoever imitates the source is not asked, and is told of", async () => {
  const root = await enrolled();
  server.replaceCertificate(other);
  server.answer = serveFile(registry.tls.cert + other.cert);
  const [before, asked] = [withoutRecords(root), server.asked.length];
  const done = await ran(root, ["reconcile"]);
  expect({ exit: done.exit, out: steady(done.out) }).toEqual({ exit: 0, out: "127.0.0.1:PORT: as declared\n" });
  expect(done.err).toContain(`note: trust source well-known ${url()}: counts for nothing now`);
  expect(server.asked.length).toBe(asked);
  expect(withoutRecords(root)).toEqual(before);
  const remembered = snapshotTree(root);
  await ran(root, ["reconcile"], 10);
  expect(snapshotTree(root)).toEqual(remembered);
  expect((await ran(root, ["trust", "show", registry.name])).out).toContain("not readable since ");
});

test("two are announced and one is rejected: the other is trusted", async () => {
  const root = await enrolled();
  server.answer = serveFile(registry.tls.cert + next.cert + other.cert);
  await ran(root, ["reconcile"]);
  expect((await ran(root, ["trust", "reject", registry.name, fingerprintOf(other)])).exit).toBe(0);
  expect((await ran(root, ["trust", "show", registry.name])).out.match(/ {2}coming /g)).toHaveLength(1);
  await ran(root, ["reconcile"], 24);
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
});

test("a coming one stays while it is announced, however short the grace; afterwards it goes", async () => {
  const root = await enrolled(["--trust-source", `url=${url()}`, "--hold-down", "0s"]);
  const path = join(root, `etc/regclient/registries.d/${registry.name}.yaml`);
  writeFileSync(path, declarationIn(root).replace("trust:\n", "trust:\n  grace: 1h\n"));
  server.answer = serveFile(registry.tls.cert + next.cert);
  await ran(root, ["reconcile"]);
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
  await ran(root, ["reconcile"], 10);
  await ran(root, ["reconcile"], 20);
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
  server.answer = serveFile(registry.tls.cert);
  await ran(root, ["reconcile"], 30);
  expect((await ran(root, ["reconcile"], 32)).err).toContain("is no longer trusted");
  expect(bundleIn(root)).toBe(registry.tls.cert);
});

test("a person's new word takes what was announced before with it", async () => {
  const root = await enrolled();
  server.answer = serveFile(registry.tls.cert + other.cert);
  await ran(root, ["reconcile"]);
  await ran(root, ["reconcile"], 23);
  registry.replaceCertificate(next);
  server.replaceCertificate(next);
  const anew = ["enroll", registry.name, "--fingerprint", fingerprintOf(next), "--no-verify"];
  expect((await ran(root, anew, 23)).exit).toBe(0);
  await ran(root, ["reconcile"], 25);
  expect(bundleIn(root)).toBe(next.cert);
  expect((await ran(root, ["trust", "show", registry.name])).out).toContain("(22h to pass)");
});

test("a file is a source without a hold-down", async () => {
  const root = await enrolled(["--trust-source", "file=/srv/coming.pem"]);
  const missing = await ran(root, ["reconcile"]);
  expect(missing.err).toContain("trust source file /srv/coming.pem: counts for nothing now");
  expect(missing.exit).toBe(0);
  mkdirSync(join(root, "srv"));
  writeFileSync(join(root, "srv/coming.pem"), next.cert);
  const found = await ran(root, ["reconcile"]);
  expect(found.err).toContain(`${fingerprintOf(next)} is trusted now as well: announced (by file /srv/coming.pem`);
  expect(bundleIn(root)).toBe(registry.tls.cert + next.cert);
});

test.each([
  [["--trust-source", "none"], "sources: []"],
  [["--trust-source", "harbor"], "sources:\n    - kind: harbor\n"],
  [["--hold-down", "36h"], "sources:\n    - kind: well-known\n      holdDown: 36h\n"],
  [
    ["--trust-source", "vault=https://vault.test:8200", "--trust-source", "file=/a.pem", "--hold-down", "P1D"],
    "- kind: vault\n      url: https://vault.test:8200\n      holdDown: P1D\n    - kind: file\n      path: /a.pem\n      holdDown: P1D\n",
  ],
])("%j is written down", async (options, lines) => {
  expect(declarationIn(await enrolled(options))).toContain(lines);
});

test.each([
  [["--trust-source", "wellknown"], "--trust-source", "not a kind of source"],
  [["--trust-source", "est"], "--trust-source", "not an https:// URL"],
  [["--trust-source", "url=http://a.test/"], "--trust-source", "not an https:// URL"],
  [["--trust-source", "url=https://u:p@a.test/"], "--trust-source", "no source is given one"],
  [["--trust-source", "file=a.pem"], "--trust-source", "not an absolute path"],
  [["--hold-down", "soon"], "--hold-down", "not a length of time"],
])("%j is explained, and nothing is touched", async (options, option, message) => {
  const root = makeScratchRoot({ "/etc/hosts": "127.0.0.1 localhost\n" });
  const before = snapshotTree(root);
  const refused = await ran(root, ["enroll", registry.name, "--fingerprint", registry.fingerprint, ...options]);
  expect(refused.exit).toBe(2);
  expect(refused.err).toContain(option);
  expect(refused.err).toContain(message);
  expect(refused.err).not.toContain("u:p");
  expect(snapshotTree(root)).toEqual(before);
});
