import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { diffTrees, requireLab } from "./lab.ts";
import { expectDone, expectUntouched, login, loginArgs, startClientLab, type ClientLab } from "./support/client-lab.ts";
import type { CommandOptions, CommandResult } from "./support/command.ts";
import { BASE, CONFINED, copyRelease, optionsOf, startPodman, type Podman } from "./support/container-image.ts";
import { checkout } from "./support/holder.ts";
import { makeDebianTree, type MachineTree } from "./support/machine-tree.ts";
import { readManifest } from "./support/manifest.ts";

requireLab();

const patient = { timeout: 30_000, interval: 100 };
const BUNDLE = "/etc/docker/certs.d/devregistry:443/ca.crt";
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER"].map((each) => `--cap-add=${each}`);
// as docs/install.md says
const MOUNTS = ["--volume=/:/host", "--volume=/run/regclient:/run/regclient"];

let folder: string;
let tree: MachineTree;
let lab: ClientLab;
let podman: Podman;
let image: string;
let id: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "regclient-"));
  // what the Containerfile installs is in the tree already, as no mirror can be reached from the lab
  const packages = ["ca-certificates", "libatomic1", "libstdc++6"];
  [tree] = await Promise.all([makeDebianTree(packages), buildRelease(folder)]);
  lab = await startClientLab({ tree: tree.path });
  copyRelease(lab.client, folder);
  podman = await startPodman(lab.client);
  // the one that the cluster is told to run
  image = readManifest((text) => text).container.image;
  id = await podman.build(image);
  mkdirSync(lab.client.path("/run/regclient"), { recursive: true });
}, 300_000);
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
  tree?.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function buildRelease(out: string): Promise<void> {
  const main = join(checkout, "scripts/packaging/main.ts");
  await promisify(execFile)(process.execPath, [main, "--fast", "--out", out]);
}

/** regclient in a container, on the host's tree, with no more rights than it needs. */
async function contained(args: readonly string[], options?: CommandOptions): Promise<CommandResult> {
  const rights = [...CONFINED, ...CAPABILITIES, "--interactive"];
  return podman.contain([...rights, ...MOUNTS], [image, "--root", "/host", ...args], options);
}

/** What podman says of an image, as far as it is looked at. */
interface Inspected {
  readonly Size: number;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

test("the image is the program, what it is linked with, and nothing to make more of it", async () => {
  const [inspected] = JSON.parse(expectDone(await podman.run(["image", "inspect", image]))) as [Inspected];
  expect(inspected.Size).toBeLessThan(140_000_000);
  expect(inspected.Labels).toMatchObject({
    "org.opencontainers.image.title": "regclient",
    "org.opencontainers.image.version": manifest.version,
    "org.opencontainers.image.licenses": manifest.license,
  });
  const probe = ["/usr/local/bin/regclient", "--root", "/host", "daemon", "--probe"];
  expect(inspected.Healthcheck.Test).toEqual(["CMD", ...probe]);
  expect(image).toBe(`regclient:${manifest.version}`);
  expect(expectDone(await podman.contain(CONFINED, [image, "--version"]))).toBe(`${manifest.version}\n`);
  const place = expectDone(await podman.run(["image", "mount", image])).trim();
  const files = (await lab.client.run(["find", place, "-type", "f", "-printf", "%P\n"])).stdout.trim().split("\n");
  expect(files.filter((path) => /(^|\/)s?bin\//.test(path))).toEqual(["usr/local/bin/regclient"]);
  expect(files.filter((path) => /^var\/(cache|log)|apt\/lists|^release/.test(path))).toEqual([]);
  for (const path of ["etc/ssl/certs/ca-certificates.crt", "var/lib/dpkg/status.d/libc6", "etc/nsswitch.conf"])
    expect(files).toContain(path);
  for (const name of ["regclient", "libc6", "libstdc++6", "libgcc-s1", "libatomic1"])
    expect(files).toContain(`usr/share/doc/${name}/copyright`);
  expect(files).toContain("usr/share/doc/regclient/regclient.cdx.json");
  expectDone(await podman.run(["image", "unmount", image]));
});

test("with the base pinned by its digest, the same image comes of it", async () => {
  const digest = expectDone(
    await podman.run(["image", "inspect", "--format", "{{.Digest}}", `${BASE}:bookworm-slim`]),
  ).trim();
  expect(await podman.build("pinned", [`--build-arg=BASE=${BASE}@${digest}`])).toBe(id);
});

test("an architecture that there is no regclient for is refused in a line", async () => {
  const { code, stderr } = await podman.attempt("other", ["--build-arg=TARGETARCH=riscv64"]);
  expect(code).not.toBe(0);
  expect(stderr).toContain("there is no regclient for riscv64");
});

test("what needs none of the host's files runs as anybody", async () => {
  const anybody = await podman.contain([...CONFINED, "--user=65532:65532"], [image, "explain", "RC-TLS-003"]);
  expect(expectDone(anybody)).toContain("the certificate is not for HOST");
});

test("it enrols the host, and takes it back byte for byte", async () => {
  const before = await lab.client.hashTree();
  const address = ["--address", "10.10.62.103", "--no-docker-config"];
  const enrolled = await contained(["enroll", "devregistry", ...address, ...loginArgs(lab.fingerprint)], {
    stdin: `${login.password}\n`,
  });
  expect(expectDone(enrolled)).toContain("so nothing was pushed or pulled through one");
  expect(existsSync(lab.client.path(BUNDLE))).toBe(true);
  expect(expectDone(await contained(["verify"]))).toMatch(/devregistry works from this host \(push-pull\)/);
  expect(expectDone(await contained(["status"]))).toContain(`file     ${BUNDLE} ✓`);
  expect(expectDone(await contained(["doctor"]))).toContain("nothing wrong was found");
  // the image itself is what the host's podman pulls by the trust that the container has made
  const auth = ["--username", login.username, "--password-stdin", "devregistry:443"];
  expectDone(await podman.run(["login", ...auth], { stdin: login.password }));
  expectDone(await podman.run(["push", "--quiet", image, "devregistry:443/regclient:pushed"]));
  expectDone(await podman.run(["logout", "devregistry:443"]));
  expectDone(await contained(["unenroll", "devregistry"]));
  await expectUntouched(lab.client, before);
});

test("as the DaemonSet runs it: enrols, heals, answers its probe, and ends when it is told to", async () => {
  const before = await lab.client.hashTree();
  const pod = readManifest((text) => text.replace("sha256:<of the registry's certificate>", lab.fingerprint));
  const options = ["--name=agent", ...optionsOf(pod, lab.client)];
  const daemon = await podman.start(options, [image, ...pod.container.args]);
  await expect.poll(() => daemon.output(), patient).toMatch(/enrolled registry=devregistry/);
  for (const { exec } of [pod.container.readinessProbe, pod.container.livenessProbe])
    expect(expectDone(await podman.run(["exec", "agent", ...exec.command]))).toContain("the daemon answers at");
  rmSync(lab.client.path(BUNDLE));
  await expect.poll(() => existsSync(lab.client.path(BUNDLE)), patient).toBe(true);
  // a container that has to be killed ends with 137
  expectDone(await podman.run(["stop", "--time=20", "agent"]));
  expect(await daemon.ended).toMatchObject({ code: 0, stdout: "" });
  expect(daemon.output()).toMatch(/stopped/);
  expectDone(await contained(["unenroll", "devregistry"]));
  // the places for mounts of the pod's own
  const left = diffTrees(before, await lab.client.hashTree());
  expect({ ...left, added: [] }).toEqual({ added: [], removed: [], changed: [] });
  expect(left.added.every((path) => path.startsWith("/etc/regclient"))).toBe(true);
});

test("the image's own health check fails where no daemon answers, and says so", async () => {
  const { code, stderr } = await contained(["daemon", "--probe"]);
  expect({ code, stderr }).toEqual({ code: 7, stderr: expect.stringContaining("[RC-CRD-034]") as unknown });
  expect(stderr).toContain("no daemon answers at the socket");
});
