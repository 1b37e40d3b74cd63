import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readYaml } from "../../src/formats/yaml-document.ts";
import { parseToml } from "../../src/runtimes/formats/toml-data.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, type Ran } from "../support/command-line.ts";
import { clientAuth, makeCA, makeCertificate } from "../support/pki.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const registry = useRegistry();
const second = useRegistry();
const start = { "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" };
const BUILDKITD = `# ours\n[worker.oci]\n  enabled = true # yes\n\n[registry."docker.io"]\n  ca=["/etc/config/myca.pem"]\n`;
const REGISTRIES = `# ours\nconfigs:\n  other.test:\n    auth:\n      username: u\n      password: p\n`;

async function enroll(root: string, runtime: string, more: readonly string[] = []): Promise<Ran> {
  const trust = ["--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin", "--mode", "login"];
  const argv = ["enroll", registry.name, ...trust, "--runtime", runtime, ...more];
  return runCommand(argv, { root, stdin: "s3cret-pass\n" });
}

function read(root: string, path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function tomlOf(text: string): unknown {
  const parsed = parseToml(text);
  return "data" in parsed ? parsed.data : parsed.wrong;
}

describe.each([
  ["buildkit", "/etc/buildkit/buildkitd.toml", BUILDKITD, "systemctl restart buildkit"],
  ["k3s", "/etc/rancher/k3s/registries.yaml", REGISTRIES, "systemctl restart k3s"],
  ["k3s", "/etc/rancher/rke2/registries.yaml", REGISTRIES, "systemctl restart rke2-server"],
])("%s, %s", (runtime, path, text, restart) => {
  test.each([
    ["with lines of others", text],
    ["empty", ""],
    ["without its last newline", text.trimEnd()],
    ["with CRLF", text.replaceAll("\n", "\r\n")],
  ])("%s: goes in, says what to restart, and comes out byte for byte", async (_, before) => {
    const root = makeScratchRoot({ ...start, [path]: before });
    const tree = snapshotTree(root);
    const enrolled = await enroll(root, runtime);
    expect(enrolled).toMatchObject({ exit: 0 });
    expect(enrolled.out + enrolled.err).toContain(restart);
    const after = read(root, path);
    expect(after.startsWith(before) || before === REGISTRIES || after.includes("# ours")).toBe(true);
    expect(after).toContain("ca.crt");
    expect(after).not.toContain("s3cret-pass");
    const again = await enroll(root, runtime);
    expect(again.out + again.err).not.toContain(restart);
    expect(read(root, path)).toBe(after);
    expect((await runCommand(["unenroll", registry.name], { root })).exit).toBe(0);
    expect(snapshotTree(root)).toEqual(tree);
  });

  test("what somebody adds later stays, ours goes", async () => {
    const root = makeScratchRoot({ ...start, [path]: text });
    await enroll(root, runtime);
    writeFileSync(join(root, path), `${read(root, path)}# later\n`);
    expect((await runCommand(["unenroll", registry.name], { root })).exit).toBe(0);
    expect(read(root, path)).toBe(`${text}# later\n`);
  });

  test("what cannot be edited is refused before anything is written", async () => {
    const bad = runtime === "buildkit" ? "registry = {}\n" : "configs: {}\n";
    const root = makeScratchRoot({ ...start, [path]: bad });
    const before = snapshotTree(root);
    const refused = await enroll(root, runtime);
    expect(refused.exit).toBe(2);
    expect(refused.err).toContain("RC-RUN-020");
    expect(refused.err).toContain("ca.crt");
    expect(snapshotTree(root)).toEqual(before);
  });

  test("a client certificate comes, and goes with its declaration", async () => {
    const { certificate, keyPem } = makeCertificate({
      commonName: "host1",
      issuer: makeCA({ commonName: "ca" }),
      extendedKeyUsage: [clientAuth],
    });
    const files = { "/etc/pki/c.pem": certificate.pem, "/etc/pki/c.key": keyPem };
    const root = makeScratchRoot({ ...start, ...files, [path]: text });
    const tree = snapshotTree(root);
    const pair = ["--client-cert", "/etc/pki/c.pem", "--client-key", "/etc/pki/c.key"];
    expect((await enroll(root, runtime, pair)).exit).toBe(0);
    expect(read(root, path)).toContain("client.key");
    const declaration = `/etc/regclient/registries.d/${registry.name}.yaml`;
    const declared = read(root, declaration);
    writeFileSync(join(root, declaration), declared.replace(/ {2}clientCertificate:\n.*\n.*\n/, ""));
    expect((await runCommand(["reconcile"], { root })).exit).toBe(0);
    expect(read(root, path)).not.toContain("client.key");
    expect(read(root, path)).toContain("ca.crt");
    expect((await runCommand(["unenroll", registry.name], { root })).exit).toBe(0);
    expect(snapshotTree(root)).toEqual(tree);
  });
});

test("what is written is what each documents", async () => {
  const root = makeScratchRoot({
    ...start,
    "/etc/rancher/k3s/registries.yaml": "",
    "/etc/buildkit/buildkitd.toml": "",
  });
  const { name } = registry;
  await enroll(root, "auto");
  expect(tomlOf(read(root, "/etc/buildkit/buildkitd.toml"))).toEqual({
    registry: { [name]: { ca: [`/etc/buildkit/certs.d/${name}/ca.crt`] } },
  });
  const yaml = readYaml(read(root, "/etc/rancher/k3s/registries.yaml"));
  expect("data" in yaml ? yaml.data : yaml.wrong).toEqual({
    configs: { [name]: { tls: { ca_file: `/etc/rancher/k3s/certs.d/${name}/ca.crt` } } },
  });
  expect(read(root, `/etc/buildkit/certs.d/${name}/ca.crt`)).toBe(registry.tls.cert);
});

test("a host without any builder or k3s gets nothing for them", async () => {
  const root = makeScratchRoot(start);
  await enroll(root, "auto");
  const written = Object.keys(snapshotTree(root)).filter((path) => /buildkit|rancher|ca-certificates/.test(path));
  expect(written).toEqual([]);
});

test("a rootless BuildKit and a builder in a container are told how", async () => {
  const instance = { Name: "mine", Driver: "docker-container", Nodes: [{ Name: "mine0", Files: null }] };
  const root = makeScratchRoot({
    ...start,
    "/etc/passwd": "builder:x:1000:1000::/home/builder:/bin/sh\n",
    "/home/builder/.config/buildkit/buildkitd.toml": "debug = true\n",
    "/home/builder/.docker/buildx/instances/mine": JSON.stringify(instance),
    "/home/builder/.docker/buildx/instances/other": JSON.stringify({ ...instance, Driver: "docker" }),
    "/etc/buildkit/buildkitd.toml": "",
  });
  const { err } = await enroll(root, "auto", ["--user", "builder"]);
  expect(err).toContain("RC-RUN-030");
  expect(err).toContain("/home/builder/.config/buildkit/buildkitd.toml");
  expect(err).toContain("docker buildx create --name mine --driver docker-container");
  expect(err).toContain(`ca = ["/etc/docker/certs.d/${registry.name}/ca.crt"]`);
  expect(err).not.toContain("buildx rm other");
  expect(read(root, "/home/builder/.config/buildkit/buildkitd.toml")).toBe("debug = true\n");
});

test("what stands between the lines of two registries gets into no record, as everybody can read those", async () => {
  const login = (name: string): string => `  "${name}":\n    auth:\n      password: pw-of-${name}\n`;
  const text = `configs:\n${login(registry.name)}${login(second.name)}`;
  const path = "/etc/rancher/k3s/registries.yaml";
  const root = makeScratchRoot({ ...start, [path]: text });
  chmodSync(join(root, path), 0o600);
  const tree = snapshotTree(root);
  expect((await enroll(root, "k3s")).exit).toBe(0);
  const trust = ["--fingerprint", second.fingerprint, "--username", "xl", "--password-stdin", "--mode", "login"];
  const argv = ["enroll", second.name, ...trust, "--runtime", "k3s"];
  const done = await runCommand(argv, { root, stdin: "s3cret-pass\n" });
  expect({ exit: done.exit, err: done.exit === 0 ? "" : done.err }).toEqual({ exit: 0, err: "" });
  const records = JSON.parse(read(root, "/var/lib/regclient/shared.json")) as {
    readonly files: readonly { readonly patch: { readonly removed: string } }[];
  };
  const kept = records.files.map(({ patch }) => Buffer.from(patch.removed, "base64").toString("utf8")).join("\n");
  expect(kept).not.toContain("pw-of-");
  for (const { name } of [second, registry]) expect((await runCommand(["unenroll", name], { root })).exit).toBe(0);
  expect(snapshotTree(root)).toEqual(tree);
});

test.each([
  ["a node that is none", JSON.stringify({ Driver: "docker-container", Nodes: [null] })],
  ["files that are none", JSON.stringify({ Driver: "docker-container", Nodes: [{ Files: "x" }, 7] })],
])("a user's builder with %s stops nobody's enrollment", async (_, instance) => {
  const root = makeScratchRoot({
    ...start,
    "/etc/passwd": "builder:x:1000:1000::/home/builder:/bin/sh\n",
    "/home/builder/.docker/buildx/instances/mine": instance,
  });
  const { exit, err } = await enroll(root, "auto", ["--user", "builder"]);
  expect({ exit, told: err.includes("RC-RUN-031") }).toEqual({ exit: 0, told: true });
});
