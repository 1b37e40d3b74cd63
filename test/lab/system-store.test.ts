import { renameSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diffTrees, requireLab } from "./lab.ts";
import { expectDone, startClientLab, type ClientLab } from "./support/client-lab.ts";

requireLab();

const system = ["--runtime", "docker", "--runtime", "system", "--no-verify"];
const program = "/usr/sbin/update-ca-certificates";
// Java's own store has the time of its making in it, and dpkg its log: neither is the same after any run
const DERIVED = new Set(["/etc/ssl/certs/java/cacerts", "/var/log/dpkg.log"]);

let lab: ClientLab;
let before: ReadonlyMap<string, string>;

beforeAll(async () => {
  lab = await startClientLab();
  // as every Debian host has them, made by the very program
  expectDone(await lab.client.run(["update-ca-certificates", "--fresh"]));
  before = await lab.client.hashTree();
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function expectAsBefore(tree: ReadonlyMap<string, string>): Promise<void> {
  const { added, removed, changed } = diffTrees(tree, await lab.client.hashTree());
  const told = changed.filter((path) => !DERIVED.has(path));
  expect({ added, removed, told }).toEqual({ added: [], removed: [], told: [] });
}

async function ask(): Promise<number | null> {
  const to = ["--resolve", "devregistry:443:10.10.62.103", "https://devregistry/v2/"];
  return (await lab.client.run(["curl", "--silent", "--output", "/dev/null", ...to])).code;
}

test("a dry run names the program and does not run it", async () => {
  const shown = expectDone(await lab.enroll([...system, "--dry-run"]));
  expect(shown).toContain("! run update-ca-certificates");
  await expectAsBefore(before);
});

test("every program trusts the registry when it was asked for, and none when it was taken back, byte for byte", async () => {
  expect(await ask()).toBe(60);
  const told = expectDone(await lab.enroll(system));
  expect(told).toContain("ran      update-ca-certificates");
  expect(await ask()).toBe(0);
  const taken = expectDone(await lab.regclient(["unenroll", "devregistry"]));
  expect(taken).toContain("ran      update-ca-certificates --fresh");
  expect(await ask()).toBe(60);
  await expectAsBefore(before);
});

test("where the program fails, everything is put back, and it is run again", async () => {
  renameSync(lab.client.path(program), lab.client.path(`${program}.real`));
  const script = `#!/bin/sh\n[ "$1" = --fresh ] && exec ${program}.real --fresh\necho no space left >&2\nexit 1\n`;
  writeFileSync(lab.client.path(program), script, { mode: 0o755 });
  const tree = await lab.client.hashTree();
  const { code, stderr } = await lab.enroll(system);
  expect({ code, stderr }).toMatchObject({ code: 7, stderr: expect.stringContaining("RC-HST-012") });
  expect(stderr).toContain("update-ca-certificates ended with 1: no space left");
  expect(await ask()).toBe(60);
  await expectAsBefore(tree);
});
