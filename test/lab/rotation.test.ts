import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { requireLab, type CommandResult } from "./lab.ts";
import { expectDone, expectUntouched, login, loginArgs, startClientLab, type ClientLab } from "./support/client-lab.ts";

requireLab();

const image = "devregistry:443/app";
const bundle = "/etc/docker/certs.d/devregistry:443/ca.crt";
const declaration = "/etc/regclient/registries.d/devregistry.yaml";

let lab: ClientLab;
let before: ReadonlyMap<string, string>;
beforeAll(async () => {
  lab = await startClientLab();
  await lab.client.startDockerd();
  before = await lab.client.hashTree();
  expectDone(await enrollNow());
  const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
  expectDone(await lab.client.run(["sh", "-c", `${make} | docker import - ${image}`]));
  expectDone(await lab.docker(["push", image]));
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Each test begins with a host that trusts what is served, and nothing else. */
beforeEach(async () => {
  await lab.regclient(["unenroll", "devregistry"]);
  expectDone(await enrollNow());
  expect(countCertificates()).toBe(1);
  expectDone(await pull());
});

async function enrollNow(): Promise<CommandResult> {
  const trust = ["--address", "10.10.62.103", ...loginArgs(await fingerprint())];
  return lab.regclient(["enroll", "devregistry", ...trust], { stdin: `${login.password}\n` });
}

async function fingerprint(more: readonly string[] = []): Promise<string> {
  return expectDone(await lab.registry.devregistry(["fingerprint", ...more])).trim();
}

async function rotate(more: readonly string[] = []): Promise<void> {
  expectDone(await lab.registry.devregistry(["rotate", ...more]));
}

/** The registry is asked, whatever the engine has already. */
async function pull(): Promise<CommandResult> {
  await lab.docker(["image", "rm", image]);
  return lab.docker(["pull", image]);
}

function countCertificates(): number {
  return readFileSync(lab.client.path(bundle), "utf8").split("BEGIN CERTIFICATE").length - 1;
}

function declareTrust(lines: readonly string[]): void {
  const path = lab.client.path(declaration);
  const text = readFileSync(path, "utf8");
  expect(text).toContain("trust:\n");
  writeFileSync(path, text.replace("trust:\n", ["trust:", ...lines.map((line) => `  ${line}`), ""].join("\n")));
}

async function retireAfterGrace(): Promise<string> {
  const first = await lab.regclient(["reconcile"]);
  expectDone(first);
  await new Promise((done) => setTimeout(done, 1500));
  const second = await lab.regclient(["reconcile"]);
  // on a slow machine, the grace has passed by the first
  return first.stderr + second.stderr;
}

describe("a rotation of the registry's certificate", () => {
  test("is followed when its fingerprint was declared beforehand; the old one goes after the grace, the last never", async () => {
    await rotate(["--announce"]);
    declareTrust([`nextFingerprints: ["${await fingerprint(["--announced"])}"]`, "grace: 1s"]);
    expect(expectDone(await lab.regclient(["reconcile"]))).toBe("devregistry: as declared\n");
    expectDone(await pull());
    await rotate(["--activate"]);
    expect(expectDone(await lab.regclient(["reconcile"]))).toContain(`  changed  ${bundle}`);
    expect(countCertificates()).toBe(2);
    expectDone(await pull());
    expect(await retireAfterGrace()).toContain("is no longer trusted");
    expect(countCertificates()).toBe(1);
    expectDone(await pull());
    const settled = await lab.client.hashTree();
    expect(await retireAfterGrace()).not.toContain("is no longer trusted");
    expect(await lab.client.hashTree()).toEqual(settled);
    expectDone(await pull());
  });

  test("with the same key is followed, with old and new side by side", async () => {
    await rotate(["--same-key"]);
    expect((await pull()).code).toBe(1);
    const { code, stderr } = await lab.regclient(["reconcile"]);
    expect(stderr).toContain("is trusted now as well: same-key");
    expect(code).toBe(0);
    expect(countCertificates()).toBe(2);
    expectDone(await pull());
    // the first pass that the new certificate verifies reads what is announced
    expectDone(await lab.regclient(["reconcile"]));
    const settled = await lab.client.hashTree();
    expect(expectDone(await lab.regclient(["reconcile"]))).toBe("devregistry: as declared\n");
    expect(await lab.client.hashTree()).toEqual(settled);
  });

  test("without notice fails closed until a person accepts it", async () => {
    const enrolled = await lab.client.hashTree();
    await rotate();
    const seen = await fingerprint();
    expect((await pull()).stderr).toContain("x509");
    const refused = await lab.regclient(["reconcile"]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("[RC-TRU-013]");
    expect(refused.stderr).toContain(`regclient trust accept devregistry ${seen}`);
    const remembered = await lab.client.hashTree();
    expect(changedPaths(enrolled, remembered)).toEqual([
      "/var/lib/regclient/decisions.log",
      "/var/lib/regclient/registries/devregistry.json",
    ]);
    expect((await lab.regclient(["reconcile"])).code).toBe(3);
    expect(await lab.client.hashTree()).toEqual(remembered);
    expect(expectDone(await lab.regclient(["status"]))).toContain(`  waiting  ${seen}, first seen `);
    expect((await pull()).code).toBe(1);

    const wrong = await lab.regclient(["trust", "accept", "devregistry", `sha256:${"0".repeat(64)}`]);
    expect({ code: wrong.code, told: wrong.stderr.includes("[RC-TRU-017]") }).toEqual({ code: 3, told: true });
    expect(await lab.client.hashTree()).toEqual(remembered);
    expectDone(await lab.regclient(["trust", "accept", "devregistry", seen]));
    expect(countCertificates()).toBe(2);
    expectDone(await pull());
    expect(expectDone(await lab.regclient(["trust", "show", "devregistry"]))).toContain(
      `accepted by root\n           ${seen}\n`,
    );
  });

  test("that is rejected stays refused, and nobody is asked again", async () => {
    await rotate();
    const seen = await fingerprint();
    expect((await lab.regclient(["reconcile"])).code).toBe(3);
    expectDone(await lab.regclient(["trust", "reject", "devregistry", seen]));
    const settled = await lab.client.hashTree();
    const refused = await lab.regclient(["reconcile"]);
    expect({ code: refused.code, told: refused.stderr.includes("[RC-TRU-016]") }).toEqual({ code: 3, told: true });
    expect(expectDone(await lab.regclient(["status"]))).not.toContain("waiting");
    expect(await lab.client.hashTree()).toEqual(settled);
    expect((await pull()).code).toBe(1);
  });

  test("leaves nothing behind when the registry is unenrolled", async () => {
    await rotate();
    expect((await lab.regclient(["reconcile"])).code).toBe(3);
    expectDone(await lab.regclient(["unenroll", "devregistry"]));
    await expectUntouched(lab.client, before);
  });
});

function changedPaths(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): readonly string[] {
  const paths = new Set([...one.keys(), ...other.keys()]);
  return [...paths].filter((path) => one.get(path) !== other.get(path)).sort();
}
