import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diffTrees, requireLab, type LabHost } from "./lab.ts";
import { makeController, type Controller } from "./support/ansible.ts";
import { login, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { checkout } from "./support/holder.ts";

requireLab();

const DECLARATION = "/etc/regclient/registries.d/devregistry.yaml";
const BUNDLE = "/etc/docker/certs.d/devregistry:443/ca.crt";
const none = { client1: 0, client2: 0, client3: 0 };

let lab: ClientLab;
let controller: Controller;
let variables: Readonly<Record<string, unknown>>;
const before = new Map<LabHost, ReadonlyMap<string, string>>();

beforeAll(async () => {
  lab = await startClientLab({ clients: 3 });
  for (const host of lab.clients)
    for (const program of ["regclient", "docker-credential-regclient"])
      symlinkSync(join(checkout, "bin", program), host.path(`/usr/bin/${program}`));
  controller = makeController(lab.clients.map(({ name, holderPid }) => ({ name, pid: holderPid })));
  variables = {
    devregistry_token: await makeToken(),
    devregistry_password: login.password,
    // no host of the lab has systemd; systemd.test.ts has the rest of the role
    regclient_service: false,
  };
  controller.setVariables(variables);
  await rememberHosts();
});
afterAll(async () => {
  controller?.[Symbol.dispose]();
  await lab?.[Symbol.asyncDispose]();
});

/** Made beside the registry, as docs/enrollment.md says. */
async function makeToken(): Promise<string> {
  const argv = [join(checkout, "bin/regclient"), "token", "create", "devregistry", "--address", "10.10.62.103"];
  const { code, stdout } = await lab.registry.run([...argv, "--fingerprint", lab.fingerprint]);
  expect(code).toBe(0);
  return stdout.trim();
}

async function rememberHosts(): Promise<void> {
  for (const host of lab.clients) before.set(host, await treeOf(host));
}

/** Without what Ansible itself keeps in root's home. */
async function treeOf(host: LabHost): Promise<ReadonlyMap<string, string>> {
  const tree = await host.hashTree();
  return new Map([...tree].filter(([path]) => !path.startsWith("/root/.ansible")));
}

async function expectAllUntouched(): Promise<void> {
  for (const host of lab.clients)
    expect(diffTrees(before.get(host) ?? new Map(), await treeOf(host))).toEqual({
      added: [],
      removed: [],
      changed: [],
    });
}

test("a wrong password fails with regclient's own problem, is shown nowhere, and leaves the host as it was", async () => {
  const wrong = "not the pass: wörd 1&2";
  controller.setVariables({ ...variables, devregistry_password: wrong });
  const { code, output, changed, failed } = await controller.play("playbook.yml", ["-vvv", "--limit", "client1"]);
  controller.setVariables(variables);
  expect({ code, changed, failed }).toEqual({ code: 2, changed: { client1: 0 }, failed: { client1: 1 } });
  expect(output).toMatch(/"code": "RC-AUT-001"/);
  expect(output).toMatch(/"summary": "devregistry:443 refused the user name or the password"/);
  expect(output).not.toContain("pass: w");
  await expectAllUntouched();
});

test("--check changes nothing, and tells what would be changed", async () => {
  const { code, output, changed } = await controller.play("playbook.yml", ["--check"]);
  expect({ code, changed }).toEqual({ code: 0, changed: { client1: 1, client2: 1, client3: 1 } });
  for (const path of ["/etc/hosts", BUNDLE, DECLARATION]) expect(output).toContain(`"path": "${path}"`);
  await expectAllUntouched();
});

test("the first run enrolls every host, and the second changes nothing", async () => {
  const first = await controller.play("playbook.yml");
  expect(first).toMatchObject({ code: 0, failed: none });
  expect(Object.values(first.changed).every((count) => count > 0)).toBe(true);
  for (const host of lab.clients) {
    expect(readFileSync(host.path(DECLARATION), "utf8")).toContain("registry: devregistry");
    expect((await host.run(["regclient", "verify", "--mode", "login"])).code).toBe(0);
  }
  const trees = await Promise.all(lab.clients.map(treeOf));
  const second = await controller.play("playbook.yml", ["-vvv"]);
  expect(second).toMatchObject({ code: 0, changed: none, failed: none });
  expect(await Promise.all(lab.clients.map(treeOf))).toEqual(trees);
  for (const output of [first.output, second.output]) expect(output).not.toContain(login.password.slice(0, 5));
  expect((await lab.client.run(["ls", "/tmp"])).stdout).not.toContain("tmp.");
});

test("state: absent gives every host back byte for byte", async () => {
  const registries = [{ name: "devregistry", state: "absent" }];
  const roles = [{ role: "regclient", regclient_registries: registries }];
  const playbook = [{ hosts: "docker_hosts", gather_facts: false, roles }];
  const trees = await Promise.all(lab.clients.map(treeOf));
  const checked = await controller.play(playbook, ["--check"]);
  expect(checked).toMatchObject({ code: 0, changed: { client1: 1, client2: 1, client3: 1 } });
  expect(checked.output).toContain(`"path": "${BUNDLE}"`);
  expect(await Promise.all(lab.clients.map(treeOf))).toEqual(trees);

  const { code, changed } = await controller.play(playbook);
  expect({ code, changed }).toEqual({ code: 0, changed: { client1: 1, client2: 1, client3: 1 } });
  await expectAllUntouched();
  expect(await controller.play(playbook)).toMatchObject({ code: 0, changed: none, failed: none });
});
