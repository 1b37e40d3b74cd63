import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, type Ran } from "../support/command-line.ts";
import { clientAuth, makeCA, makeCertificate, serverAuth, type Identity } from "../support/pki.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const ca = makeCA({ commonName: "clients" });
const registry = useRegistry({ clientCa: ca.certificate.pem });
const FILES = ["--client-cert", "/etc/pki/host1.pem", "--client-key", "/etc/pki/host1.key"];

function hostIdentity(usages = [clientAuth]): Identity {
  return makeCertificate({ commonName: "host1", issuer: ca, extendedKeyUsage: usages });
}

function rootWith({ certificate, keyPem }: Identity, more: Readonly<Record<string, string>> = {}): string {
  return makeScratchRoot({
    ...more,
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/var/lib/x": "",
    "/etc/pki/host1.pem": certificate.pem,
    "/etc/pki/host1.key": keyPem,
  });
}

async function enroll(root: string, argv: readonly string[] = FILES): Promise<Ran> {
  const trust = ["--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin"];
  return runCommand(["enroll", registry.name, ...trust, ...argv], { root, stdin: "s3cret-pass\n" });
}

/** The middle of the key, which must show up nowhere but in its own file. */
function bodyOf(key: string): string {
  return key.split("\n")[1] ?? "no key";
}

test("installs the pair for Docker, proves it, follows its renewal, and takes it back", async () => {
  const first = hostIdentity();
  const root = rootWith(first);
  const before = snapshotTree(root);
  const directory = join(root, "/etc/docker/certs.d", registry.name);

  const dry = await enroll(root, [...FILES, "--dry-run"]);
  expect(dry.exit).toBe(0);
  expect(dry.out).toContain(`+++ /etc/docker/certs.d/${registry.name}/client.key\tclient key`);
  expect(dry.out).toContain("[not a certificate, not shown]");
  expect(dry.out + dry.err).not.toContain(bodyOf(first.keyPem));
  expect(snapshotTree(root)).toEqual(before);

  const enrolled = await enroll(root);
  expect(enrolled).toMatchObject({ exit: 0 });
  expect(readdirSync(directory).sort()).toEqual(["ca.crt", "client.cert", "client.key"]);
  expect(readFileSync(join(directory, "client.cert"), "utf8")).toBe(first.certificate.pem);
  expect(readFileSync(join(directory, "client.key"), "utf8")).toBe(first.keyPem);
  expect(statSync(join(directory, "client.cert")).mode & 0o777).toBe(0o644);
  expect(statSync(join(directory, "client.key")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(root, "/etc/regclient/registries.d", `${registry.name}.yaml`), "utf8")).toContain(
    "  clientCertificate:\n    certFile: /etc/pki/host1.pem\n    keyFile: /etc/pki/host1.key\n",
  );

  const second = hostIdentity();
  writeFileSync(join(root, "/etc/pki/host1.pem"), second.certificate.pem);
  writeFileSync(join(root, "/etc/pki/host1.key"), second.keyPem);
  expect((await runCommand(["reconcile"], { root })).exit).toBe(0);
  expect(readFileSync(join(directory, "client.key"), "utf8")).toBe(second.keyPem);
  expect((await runCommand(["verify", registry.name], { root })).exit).toBe(0);
  const status = await runCommand(["status"], { root });
  expect(status.out).toMatch(/^ {2}client {3}CN=host1, until \d{4}-\d\d-\d\d, from \/etc\/pki\/host1\.pem$/m);
  expect(status.out).toContain(`/etc/docker/certs.d/${registry.name}/client.key`);
  for (const [path, content] of Object.entries(snapshotTree(root))) {
    if (path.endsWith(".key")) continue;
    for (const { keyPem } of [first, second]) expect(content).not.toContain(bodyOf(keyPem));
  }

  const shown = await runCommand(["unenroll", registry.name, "--dry-run"], { root });
  expect(shown.out + shown.err).not.toContain(bodyOf(second.keyPem));
  expect((await runCommand(["unenroll", registry.name], { root })).exit).toBe(0);
  const after = snapshotTree(root);
  expect(after["/etc/pki/host1.key"]).toContain(bodyOf(second.keyPem));
  const others = (tree: Readonly<Record<string, string>>) =>
    Object.entries(tree).filter(([path]) => !path.startsWith("/etc/pki/host1"));
  expect(others(after)).toEqual(others(before));
});

test.each([
  ["no client certificate", "RC-NET-011", 5, [], hostIdentity()],
  [
    "a key that is not there",
    "RC-CFG-006",
    2,
    ["--client-cert", "/etc/pki/host1.pem", "--client-key", "/nowhere"],
    hostIdentity(),
  ],
  ["a certificate without a key", "RC-CFG-005", 2, ["--client-cert", "/etc/pki/host1.pem"], hostIdentity()],
  ["a key without a certificate", "RC-CFG-005", 2, ["--client-key", "/etc/pki/host1.key"], hostIdentity()],
  ["a pair that does not match", "RC-TLS-053", 2, FILES, { ...hostIdentity(), keyPem: hostIdentity().keyPem }],
  ["a certificate for servers", "RC-TLS-055", 2, FILES, hostIdentity([serverAuth])],
] as const)("refuses %s, and leaves the host as it was", async (_, code, exit, argv, identity) => {
  const root = rootWith(identity);
  const before = snapshotTree(root);
  const ran = await enroll(root, argv);
  expect(ran.err).toContain(code);
  expect(ran.exit).toBe(exit);
  expect(snapshotTree(root)).toEqual(before);
  expect(ran.out + ran.err).not.toContain(bodyOf(identity.keyPem));
});

test("a registry that asks for a certificate says which options give it one", async () => {
  const { err } = await enroll(rootWith(hostIdentity()), []);
  expect(err).toContain("--client-cert FILE --client-key FILE");
});

test("another key at the place of ours is nobody's to replace, nor to write down", async () => {
  const root = rootWith(hostIdentity(), {
    [`/etc/docker/certs.d/${registry.name}/client.key`]: hostIdentity().keyPem,
  });
  const before = snapshotTree(root);
  expect((await enroll(root)).err).toContain("RC-TRU-010");
  expect((await enroll(root, [...FILES, "--replace"])).err).toContain("RC-TRU-020");
  expect(snapshotTree(root)).toEqual(before);
});
