import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCA, makeLeaf } from "../support/pki.ts";
import { requireLab } from "./lab.ts";
import {
  expectDone,
  bringUp,
  expectUntouched,
  login,
  loginArgs,
  startClientLab,
  type ClientLab,
} from "./support/client-lab.ts";
import { startOwnRegistry } from "./support/own-registry.ts";

requireLab();

const address = ["--address", "10.10.62.103"];

let lab: ClientLab;
let pins: { readonly standard: string; readonly high: string };
let before: ReadonlyMap<string, string>;
beforeAll(async () => {
  lab = await startClientLab();
  const high = ["--https-port", "8443", "--registry-port", "5001"];
  pins = { standard: lab.fingerprint, high: await bringUp(lab, high, ["--data", "/var/lib/high"]) };
  await lab.client.startDockerd();
  before = await lab.client.hashTree();
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Docker itself, with nothing but the credential helper, pushes an image and pulls it again. */
async function expectDockerWorks(prefix: string): Promise<void> {
  const image = `${prefix}/app`;
  const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
  expectDone(await lab.client.run(["sh", "-c", `${make} | docker import - ${image}`]));
  expect(expectDone(await lab.docker(["push", image]))).toContain("digest: sha256:");
  expectDone(await lab.docker(["image", "rm", image]));
  expect(expectDone(await lab.docker(["pull", image]))).toContain("Downloaded newer image");
  expectDone(await lab.docker(["image", "rm", image]));
}

test.each<{ name: string; pin: "standard" | "high"; more?: string[]; folders: string[]; prefix: string }>([
  {
    name: "devregistry:8443",
    pin: "high",
    more: address,
    folders: ["devregistry:8443"],
    prefix: "devregistry:8443",
  },
  {
    name: "devregistry:443",
    pin: "standard",
    more: address,
    folders: ["devregistry", "devregistry:443"],
    prefix: "devregistry:443",
  },
  {
    name: "10.10.62.103",
    pin: "standard",
    folders: ["10.10.62.103", "10.10.62.103:443"],
    prefix: "10.10.62.103",
  },
  { name: "10.10.62.103:8443", pin: "high", folders: ["10.10.62.103:8443"], prefix: "10.10.62.103:8443" },
])("docker works as $name", async ({ name, pin, more = [], folders, prefix }) => {
  const told = expectDone(
    await lab.regclient(["enroll", name, ...more, ...loginArgs(pins[pin])], { stdin: login.password }),
  );
  expect(told).toContain(`docker pull ${prefix}/IMAGE`);
  for (const folder of folders) expect(existsSync(lab.client.path(`/etc/docker/certs.d/${folder}/ca.crt`))).toBe(true);
  await expectDockerWorks(prefix);
  const listed = expectDone(await lab.regclient(["verify", name, "--mode", "login", "--output", "json"]));
  expect(JSON.parse(listed)).toMatchObject({ ok: true });
  expectDone(await lab.regclient(["unenroll", name]));
  await expectUntouched(lab.client, before);
});

test("an IPv6 address is a name too, though not one that this Docker Engine knows how to read", async () => {
  const name = "[fd00:62::103]:443";
  const enrolled = await lab.regclient(["enroll", name, ...loginArgs(pins.standard)], { stdin: login.password });
  expect(enrolled).toMatchObject({ code: 6, stderr: expect.stringContaining("invalid reference format") as string });
  expect(existsSync(lab.client.path(`/etc/docker/certs.d/${name}/ca.crt`))).toBe(true);
  expectDone(await lab.regclient(["verify", name, "--via", "direct"]));
  expectDone(await lab.regclient(["unenroll", name]));
  await expectUntouched(lab.client, before);
});

test("docker works with the CA of a company, given as a file, without the server's own certificate", async () => {
  const root = makeCA({ commonName: "Company root" });
  const issuer = makeCA({ commonName: "Company issuer", issuer: root });
  const identity = makeLeaf({ commonName: "hub", dns: ["hub.corp.test"], issuer });
  await startOwnRegistry(lab, { identity, port: 9443 });
  writeFileSync(lab.client.path("/tmp/root.pem"), root.certificate.pem);
  const args = ["enroll", "hub.corp.test:9443", ...address, "--username", login.username, "--password-stdin"];
  const stdin = login.password;
  const other = makeCA({ commonName: "Company root" });
  writeFileSync(lab.client.path("/tmp/other.pem"), other.certificate.pem);
  expect(await lab.regclient([...args, "--ca-file", "/tmp/other.pem"], { stdin })).toMatchObject({ code: 3 });
  await expectUntouched(lab.client, before);
  expectDone(await lab.regclient([...args, "--ca-file", "/tmp/root.pem"], { stdin }));
  const installed = readFileSync(lab.client.path("/etc/docker/certs.d/hub.corp.test:9443/ca.crt"), "utf8");
  expect(installed.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
  await expectDockerWorks("hub.corp.test:9443");
  expectDone(await lab.regclient(["unenroll", "hub.corp.test:9443"]));
  await expectUntouched(lab.client, before);
});
