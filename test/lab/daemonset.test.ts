import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diffTrees, requireLab, type RunningCommand } from "./lab.ts";
import { startClientLab, type ClientLab } from "./support/client-lab.ts";
import { startPod } from "./support/pod.ts";

requireLab();

const patient = { timeout: 60_000, interval: 100 };
const FILES = [
  "/etc/docker/certs.d/devregistry:443/ca.crt",
  "/etc/containerd/certs.d/devregistry:443/hosts.toml",
  "/etc/hosts",
];

let lab: ClientLab;
let pod: RunningCommand;
let before: ReadonlyMap<string, string>;
beforeAll(async () => {
  lab = await startClientLab();
  // as on a node; its programs are not in the pod
  mkdirSync(lab.client.path("/etc/containerd"));
  writeFileSync(lab.client.path("/etc/containerd/config.toml"), "version = 2\n");
  mkdirSync(lab.client.path("/host"));
  before = await lab.client.hashTree();
  pod = await startPod(lab.client, (text) => text.replace("sha256:<of the registry's certificate>", lab.fingerprint));
});
afterAll(async () => {
  await pod?.stop();
  await lab?.[Symbol.asyncDispose]();
});

const read = (path: string): string =>
  existsSync(lab.client.path(path)) ? readFileSync(lab.client.path(path), "utf8") : "";

test("the pod enrolls its node, with no more rights than the manifest gives it", async () => {
  await expect.poll(() => pod.output(), patient).toMatch(/enrolled registry=devregistry/);
  expect(read("/etc/docker/certs.d/devregistry:443/ca.crt")).toContain("BEGIN CERTIFICATE");
  expect(read("/etc/containerd/certs.d/devregistry:443/hosts.toml")).toContain("ca = ");
  expect(read("/etc/hosts")).toMatch(/^10\.10\.62\.103\s+devregistry/m);
  expect(existsSync(lab.client.path("/var/lib/regclient/registries/devregistry.json"))).toBe(true);
  expect(pod.output()).not.toMatch(/ (?:warning|error) /);
});

test("the pod puts right what is changed on the node", async () => {
  const before = FILES.map(read);
  const broken = ["rm", "-r", "/etc/docker/certs.d", "/etc/containerd/certs.d"];
  expect((await lab.client.run(broken)).code).toBe(0);
  await lab.client.run(["sed", "-i", "/devregistry/d", "/etc/hosts"]);
  await expect.poll(() => FILES.map(read), patient).toEqual(before);
});

test("a person's regclient on the node sees what the pod has made", async () => {
  const { code, stdout } = await lab.regclient(["status"]);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("devregistry") });
  expect(existsSync(lab.client.path("/etc/regclient/registries.d"))).toBe(false);
});

test("the pod ends when it is told to, and what it did can be taken back on the node", async () => {
  expect(await pod.stop()).toMatchObject({ code: 0 });
  expect((await lab.regclient(["unenroll", "devregistry"])).code).toBe(0);
  // the place for a mount of the pod's
  const left = { added: ["/etc/regclient"], removed: [], changed: [] };
  expect(diffTrees(before, await lab.client.hashTree())).toEqual(left);
});
