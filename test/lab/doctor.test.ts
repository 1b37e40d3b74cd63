import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { codesIn, type Said } from "../support/doctor-stage.ts";
import { requireLab } from "./lab.ts";
import { expectDone, expectUntouched, login, startClientLab, type ClientLab } from "./support/client-lab.ts";

requireLab();

let lab: ClientLab;
beforeEach(async () => {
  lab = await startClientLab();
});
afterEach(async () => {
  await lab[Symbol.asyncDispose]();
});

async function doctor(...names: readonly string[]): Promise<Said> {
  const { stdout } = await lab.regclient(["doctor", ...names, "--output", "json"]);
  return JSON.parse(stdout) as Said;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(lab.client.path(path)), { recursive: true });
  writeFileSync(lab.client.path(path), text);
}

test("a healthy host with an engine: no finding, and nothing is changed", async () => {
  expectDone(await lab.enroll(["--vault", "sealed"]));
  await lab.client.startDockerd();
  const before = await lab.client.hashTree();
  const said = await doctor();
  expect({ codes: codesIn(said), exit: said.exit }).toEqual({ codes: [], exit: 0 });
  const checks = [...said.host, ...(said.registries[0]?.checks ?? [])];
  expect(checks.filter(({ status }) => status !== "ok")).toEqual([]);
  expect(checks.length).toBe(15);
  await expectUntouched(lab.client, before);
});

test("before enrolling it says what is missing, and makes nothing up", async () => {
  write("/etc/hosts", `${readFileSync(lab.client.path("/etc/hosts"), "utf8")}10.10.62.103 devregistry\n`);
  const said = await doctor("devregistry");
  expect(codesIn(said)).toEqual(["RC-TLS-006"]);
  expect(said).toMatchObject({ exit: 3, registries: [{ enrolled: false }] });
});

test("what the engine would do is found without pushing: a network it does not verify, an image with a misleading name", async () => {
  expectDone(await lab.enroll(["--vault", "sealed"]));
  await lab.client.startDockerd();
  expectDone(await lab.client.run(["sh", "-c", "tar c -C /etc hostname | docker import - devregistry/app:1"]));
  const said = await doctor();
  expect({ codes: codesIn(said), exit: said.exit }).toEqual({ codes: ["!RC-NAM-020"], exit: 0 });
  await lab.client.stopDockerd();
  write("/etc/docker/daemon.json", JSON.stringify({ "insecure-registries": ["10.10.62.0/24"] }));
  await lab.client.startDockerd();
  const unverified = await doctor();
  expect({ codes: codesIn(unverified), exit: unverified.exit }).toEqual({ codes: ["RC-ENG-007"], exit: 3 });
});

test("the registry is stopped, then its cable is out: one finding each", async () => {
  expectDone(await lab.enroll(["--vault", "sealed"]));
  expect(codesIn(await doctor())).toEqual([]);
  await lab.registry.devregistry(["down"]);
  expect(codesIn(await doctor())).toEqual(["RC-NET-002"]);
  await lab.setCable(lab.registry, "down");
  expect(["RC-NET-003", "RC-NET-004"]).toContain(codesIn(await doctor())[0]);
});

test("somebody else's line in ca.crt, and a login that docker wrote in clear", async () => {
  expectDone(await lab.enroll(["--vault", "sealed"]));
  appendFileSync(lab.client.path("/etc/docker/certs.d/devregistry:443/ca.crt"), "# mine\n");
  expect(codesIn(await doctor())).toEqual(["RC-CFG-033"]);
  expectDone(await lab.regclient(["unenroll", "devregistry"]));
  const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
  write("/root/.docker/config.json", JSON.stringify({ auths: { devregistry: { auth } } }));
  const said = await doctor("devregistry");
  expect(codesIn(said)).toEqual(["RC-NET-018", "RC-CRD-042"]);
  expect(said.exit).toBe(5);
});
