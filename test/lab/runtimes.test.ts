import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { requireLab } from "./lab.ts";
import { expectDone, expectUntouched, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { image, startEveryClient, type EveryClient } from "./support/every-client.ts";

requireLab();

const declaration = "/etc/regclient/registries.d/devregistry.yaml";
const bundles = ["/etc/docker/certs.d/devregistry:443/ca.crt", "/etc/containerd/certs.d/devregistry:443/ca.crt"];

interface Status {
  readonly registries: readonly { readonly runtimes: readonly object[] }[];
}

let lab: ClientLab;
let clients: EveryClient;
let before: ReadonlyMap<string, string>;
beforeAll(async () => {
  lab = await startClientLab();
  clients = await startEveryClient(lab);
  before = await lab.client.hashTree();
  expectDone(await lab.enroll());
  const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
  expectDone(await lab.client.run(["sh", "-c", `${make} | docker import - ${image}`]));
  expectDone(await lab.docker(["push", image]));
  expectDone(await lab.regclient(["unenroll", "devregistry"]));
});
afterAll(async () => {
  await clients?.stop();
  await lab?.[Symbol.asyncDispose]();
});

/** Written by somebody else, before regclient came. */
function plant(path: string, text: string): void {
  mkdirSync(dirname(lab.client.path(path)), { recursive: true });
  writeFileSync(lab.client.path(path), text);
}

function read(path: string): string {
  return readFileSync(lab.client.path(path), "utf8");
}

function countCertificates(): readonly number[] {
  return bundles.map((path) => read(path).split("BEGIN CERTIFICATE").length - 1);
}

async function newFingerprint(): Promise<string> {
  return expectDone(await lab.registry.devregistry(["fingerprint", "--announced"])).trim();
}

describe("a host with every runtime", () => {
  test("trusts the registry with none of them before", async () => {
    const hosts = read("/etc/hosts");
    writeFileSync(lab.client.path("/etc/hosts"), `${hosts}10.10.62.103 devregistry\n`);
    const told: Record<string, string> = {};
    for (const name of clients.names) {
      const { code, stdout, stderr } = await clients.use(name);
      told[name] = code === 0 ? "it works" : stdout + stderr;
    }
    writeFileSync(lab.client.path("/etc/hosts"), hosts);
    expect(told).toEqual(
      Object.fromEntries(
        clients.names.map((name) => [name, expect.stringMatching(/x509: certificate signed by unknown authority/)]),
      ),
    );
  });

  test("is told in a dry run what will be written for which, and what it must do itself", async () => {
    const { code, stdout, stderr } = await lab.enroll(["--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toContain("+++ /etc/containerd/certs.d/devregistry:443/hosts.toml");
    expect(stdout).toContain('+server = "https://devregistry:443"');
    expect(stdout).not.toContain("/etc/containers/");
    expect(stderr).toContain("note: podman, skopeo and buildah read /etc/docker/certs.d too");
    expect(stderr).toContain('      [plugins."io.containerd.grpc.v1.cri".registry]\n');
    expect(stderr).toContain('      config_path = "/etc/containerd/certs.d"\n');
    await expectUntouched(lab.client, before);
  });

  test("pulls and pushes with each before, during and after a rotation, and is as it was when unenrolled", async () => {
    expectDone(await lab.enroll());
    await clients.expectAllUse();
    expectDone(await lab.registry.devregistry(["rotate", "--announce"]));
    const next = `  nextFingerprints: ["${await newFingerprint()}"]\n  grace: 1s`;
    writeFileSync(lab.client.path(declaration), read(declaration).replace("trust:\n", `trust:\n${next}\n`));
    expectDone(await lab.registry.devregistry(["rotate", "--activate"]));
    for (const name of clients.names)
      expect({ name, failed: (await clients.use(name)).code !== 0 }).toEqual({ name, failed: true });
    expectDone(await lab.regclient(["reconcile"]));
    expect(countCertificates()).toEqual([2, 2]);
    await clients.expectAllUse();
    expectDone(await lab.regclient(["reconcile"]));
    await new Promise((done) => setTimeout(done, 1500));
    expectDone(await lab.regclient(["reconcile"]));
    expect(countCertificates()).toEqual([1, 1]);
    await clients.expectAllUse();
    expectDone(await lab.regclient(["unenroll", "devregistry"]));
    await expectUntouched(lab.client, before);
  });
});

describe("beside what others have written", () => {
  const planted = ["/etc/containers/certs.d", "/etc/containerd", "/root/.config", "/etc/docker/daemon.json"];
  afterEach(async () => {
    for (const path of planted) rmSync(lab.client.path(path), { recursive: true, force: true });
    await expectUntouched(lab.client, before);
  });

  async function enrollNow(more: readonly string[] = []): Promise<string> {
    const fingerprint = expectDone(await lab.registry.devregistry(["fingerprint"])).trim();
    const { code, stderr } = await lab.enroll(["--no-verify", "--fingerprint", fingerprint, ...more]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stderr;
  }

  async function unenrollNow(as: ReadonlyMap<string, string>): Promise<void> {
    expectDone(await lab.regclient(["unenroll", "devregistry"]));
    await expectUntouched(lab.client, as);
  }

  test.each([
    ["a directory of podman's", "/etc/containers/certs.d/devregistry:443/README", "theirs\n"],
    ["an empty host_port_", "/etc/containerd/certs.d/devregistry_443_/README", "theirs\n"],
    [
      "a hosts.toml without any host",
      "/etc/containerd/certs.d/devregistry:443/hosts.toml",
      '# theirs\nserver = "https://devregistry:443"\n',
    ],
    [
      "a hosts.toml with the host",
      "/etc/containerd/certs.d/devregistry:443/hosts.toml",
      '# theirs\nserver = "https://devregistry:443" # and this\n\n[host."https://devregistry:443"]\n  capabilities = ["pull", "resolve", "push"]\n',
    ],
  ])("with %s every client pulls and pushes, and all of it comes back", async (_, path, text) => {
    plant(path, text);
    const found = await lab.client.hashTree();
    await enrollNow();
    await clients.expectAllUse();
    await unenrollNow(found);
  });

  test("what a user's own directory hides is told, and podman then refuses", async () => {
    plant("/root/.config/containers/certs.d/devregistry:443/README", "theirs\n");
    const found = await lab.client.hashTree();
    expect(await enrollNow()).toContain("[RC-RUN-002]");
    expect((await clients.use("podman")).stderr).toContain("x509");
    const path = "/root/.config/containers/certs.d/devregistry:443";
    expectDone(
      await lab.client.run(["ln", "-s", "/etc/docker/certs.d/devregistry:443/ca.crt", `${path}/regclient.crt`]),
    );
    expectDone(await clients.use("podman"));
    expect((await lab.regclient(["reconcile"])).stderr).not.toContain("RC-RUN-002");
    rmSync(lab.client.path(`${path}/regclient.crt`));
    await unenrollNow(found);
  });

  test("for podman alone, it is written to podman's own directory", async () => {
    await enrollNow(["--runtime", "containers"]);
    expect(existsSync(lab.client.path("/etc/docker/certs.d"))).toBe(false);
    expect(readdirSync(lab.client.path("/etc/containers/certs.d/devregistry:443"))).toEqual(["ca.crt"]);
    for (const name of ["podman", "skopeo", "buildah"]) expectDone(await clients.use(name));
    const status = JSON.parse(expectDone(await lab.regclient(["status", "--output", "json"]))) as Status;
    expect(status.registries[0]?.runtimes).toEqual([
      {
        id: "containers",
        title: "podman, skopeo, buildah, CRI-O",
        sign: "/usr/bin/podman",
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
        reads: ["devregistry", "devregistry:443"].map((name) => `/etc/containers/certs.d/${name}/ca.crt`),
      },
    ]);
    // docker added to it: what is there already stays, and is not hidden
    await enrollNow(["--runtime", "auto"]);
    await clients.expectAllUse();
    await unenrollNow(before);
  });

  test("half a client certificate is refused before anything is written, as dockerd would refuse the registry", async () => {
    plant("/etc/docker/certs.d/devregistry:443/client.cert", "theirs\n");
    const found = await lab.client.hashTree();
    const fingerprint = expectDone(await lab.registry.devregistry(["fingerprint"])).trim();
    const refused = await lab.enroll(["--no-verify", "--fingerprint", fingerprint]);
    expect({ code: refused.code, told: refused.stderr.includes("[RC-RUN-001]") }).toEqual({ code: 7, told: true });
    await expectUntouched(lab.client, found);
    rmSync(lab.client.path("/etc/docker/certs.d"), { recursive: true });
  });

  test("insecure-registries that name the registry are told", async () => {
    plant("/etc/docker/daemon.json", '{"insecure-registries": ["10.10.0.0/16"]}\n');
    const found = await lab.client.hashTree();
    expect(await enrollNow()).toContain("[RC-RUN-003]");
    await unenrollNow(found);
  });
});
