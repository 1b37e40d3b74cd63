import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { buildDebianPackage } from "../../scripts/packaging/debian/package.ts";
import { requireLab } from "./lab.ts";
import { makeController, type Controller } from "./support/ansible.ts";
import { login, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { checkout } from "./support/holder.ts";
import { bootMachine, type Machine } from "./support/machine.ts";
import { makeMachineTree, type MachineTree } from "./support/machine-tree.ts";

requireLab();

const NEXT = "99.0.0";
const BUNDLE = "/etc/docker/certs.d/devregistry:443/ca.crt";
const BROUGHT = "/var/cache/regclient.deb";
const UNITS = ["regclient.socket", "regclient.service", "regclient-verify.timer"];

let folder: string;
let tree: MachineTree;
let lab: ClientLab;
let machine: Machine;
let controller: Controller;
const debs = { first: "", next: "" };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "regclient-"));
  execFileSync(process.execPath, [join(checkout, "scripts/packaging/main.ts"), "--fast", "--out", folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  debs.first = join(folder, `regclient_${manifest.version}_amd64.deb`);
  debs.next = join(folder, `regclient_${NEXT}_amd64.deb`);
  const executable = join(folder, `regclient-${manifest.version}-linux-x64`);
  const parts = { arch: "x64", executable, copyright: "", sourceDate: 1_700_000_000, fast: true } as const;
  await buildDebianPackage(join(folder, "tree"), debs.next, { ...parts, version: NEXT });
  // without python3-apt, Ansible would install it, from a mirror that cannot be reached
  tree = await makeMachineTree(["python3", "python3-apt"]);
  lab = await startClientLab({ tree: tree.path });
  machine = await bootMachine(lab.client, "bare");
  controller = makeController([{ name: "client1", pid: machine.initPid() }]);
}, 480_000);
afterAll(async () => {
  controller?.[Symbol.dispose]();
  await lab?.[Symbol.asyncDispose]();
  tree?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the role with this package, and gives how often it changed something; the play must go well. */
async function play(variables: Readonly<Record<string, unknown>>, ...options: readonly string[]): Promise<number> {
  const registry = { name: "devregistry", address: "10.10.62.103", fingerprints: [lab.fingerprint] };
  const account = { username: login.username, password: login.password, options: ["--vault", "sealed"] };
  const roles = [{ role: "regclient", regclient_registries: [{ ...registry, ...account }], ...variables }];
  const ran = await controller.play([{ hosts: "docker_hosts", gather_facts: false, roles }], options);
  expect({ code: ran.code, output: ran.code === 0 ? "" : ran.output }).toEqual({ code: 0, output: "" });
  expect(ran.output).not.toContain(login.password.slice(0, 5));
  return ran.changed["client1"] ?? Number.NaN;
}

async function versionOf(): Promise<string> {
  const { stdout } = await machine.run([
    "dpkg-query",
    "--show",
    "--showformat=${Version} ${db:Status-Status}",
    "regclient",
  ]);
  return stdout;
}

async function activeUnits(): Promise<string> {
  return (await machine.run(["systemctl", "is-active", ...UNITS])).stdout;
}

test("--check on a host that has nothing tells of the package, and changes nothing", async () => {
  expect(await play({ regclient_deb: debs.first }, "--check")).toBe(1);
  expect(await versionOf()).toBe("");
  for (const path of [BROUGHT, BUNDLE, "/etc/regclient"]) expect(existsSync(machine.path(path))).toBe(false);
});

test("the package is brought, installed, and the host enrolled; the second time nothing changes", async () => {
  expect(await play({ regclient_deb: debs.first })).toBeGreaterThan(1);
  expect(await versionOf()).toBe(`${manifest.version} installed`);
  expect(await activeUnits()).toBe("active\n".repeat(3));
  await machine.must(["regclient", "verify", "--mode", "login"]);
  expect(await play({ regclient_deb: debs.first })).toBe(0);
  expect(await play({ regclient_deb: debs.first }, "--check")).toBe(0);
});

test("a newer package is an upgrade, told before by --check, and the host stays enrolled", async () => {
  const before = readFileSync(machine.path(BUNDLE));
  expect(await play({ regclient_deb: debs.next }, "--check")).toBe(1);
  expect(await versionOf()).toBe(`${manifest.version} installed`);
  expect(await play({ regclient_deb: debs.next })).toBe(2);
  expect(await versionOf()).toBe(`${NEXT} installed`);
  expect(await activeUnits()).toBe("active\n".repeat(3));
  expect(readFileSync(machine.path(BUNDLE))).toEqual(before);
  expect(await play({ regclient_deb: debs.next })).toBe(0);
});

test("state: absent takes a registry back and leaves the package", async () => {
  const absent = { regclient_deb: debs.next, regclient_registries: [{ name: "devregistry", state: "absent" }] };
  expect(await play(absent)).toBe(1);
  expect(existsSync(machine.path(BUNDLE))).toBe(false);
  expect(await versionOf()).toBe(`${NEXT} installed`);
  expect(await play(absent)).toBe(0);
});

test("regclient_state: absent takes every registry back and purges the package; nothing of it is left", async () => {
  expect(await play({ regclient_deb: debs.next })).toBeGreaterThan(0);
  const hosts = readFileSync(machine.path("/etc/hosts"), "utf8");
  expect(hosts).toContain("devregistry");
  expect(await play({ regclient_state: "absent" }, "--check")).toBeGreaterThan(0);
  expect(readFileSync(machine.path("/etc/hosts"), "utf8")).toBe(hosts);
  expect(await versionOf()).toBe(`${NEXT} installed`);
  expect(await play({ regclient_state: "absent" })).toBe(3);
  expect(await versionOf()).toBe("");
  for (const path of [BROUGHT, BUNDLE, "/etc/regclient", "/var/lib/regclient", "/usr/bin/regclient"])
    expect(existsSync(machine.path(path))).toBe(false);
  expect(readFileSync(machine.path("/etc/hosts"), "utf8")).not.toContain("devregistry");
  expect(await play({ regclient_state: "absent" })).toBe(0);
});
