import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { requireLab, type RunningCommand } from "./lab.ts";
import { expectDone, login, programPath, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { checkout } from "./support/holder.ts";
import { removeWhole } from "./support/remove-whole.ts";

requireLab();

const BUNDLE = "/etc/docker/certs.d/devregistry:443/ca.crt";
const CONFIG = "/root/.docker/config.json";
const DECLARATION = "/etc/regclient/registries.d/devregistry.yaml";
const SETTINGS = "/etc/regclient/daemon.yaml";
// healing takes a fraction of a second; a machine that is busy with other things takes longer
const poll = { timeout: 20_000, interval: 50 };

let lab: ClientLab;
let daemon: RunningCommand;
beforeAll(async () => {
  lab = await startClientLab();
  expectDone(await lab.enroll(["--vault", "sealed", "--no-verify"]));
  write(SETTINGS, "version: 1\nreconcile: { interval: 1h, startSpread: 0s }\n");
});
afterAll(() => lab[Symbol.asyncDispose]());

beforeEach(async () => {
  daemon = await lab.client.start(["regclient", "daemon", "--socket", "/run/regclient/credentials.sock"], {
    env: programPath,
  });
  await expect.poll(() => daemon.output(), poll).toContain("part=reconcile");
  // the watch is set up once the list has been read
  await expect.poll(async () => heals(), { ...poll, interval: 500 }).toBe(true);
});
afterEach(async () => {
  await daemon.stop();
  expect(daemon.output()).toMatch(/notice stopped$/m);
  expect(daemon.output()).not.toContain(login.password);
});

function read(path: string): string {
  return readFileSync(lab.client.path(path), "utf8");
}

function write(path: string, text: string): void {
  writeFileSync(lab.client.path(path), text);
}

/** Makes a drift, and says whether it was healed soon. */
async function heals(): Promise<boolean> {
  const bundle = read(BUNDLE);
  rmSync(lab.client.path(BUNDLE));
  return expect
    .poll(() => statSync(lab.client.path(BUNDLE), { throwIfNoEntry: false })?.size, { timeout: 10_000, interval: 20 })
    .toBe(Buffer.byteLength(bundle))
    .then(() => true);
}

test("drift is put right at once, and the log says what", async () => {
  const [bundle, hosts, config] = [read(BUNDLE), read("/etc/hosts"), read(CONFIG)];
  const before = daemon.output().length;
  removeWhole(lab.client.path("/etc/docker/certs.d"));
  await expect.poll(() => statSync(lab.client.path(BUNDLE), { throwIfNoEntry: false })?.size, poll).toBe(bundle.length);
  expectDone(await lab.client.run(["sed", "-i", "/devregistry/d", "/etc/hosts"]));
  await expect.poll(() => read("/etc/hosts"), poll).toBe(hosts);
  write(CONFIG, "{}\n");
  await expect.poll(() => JSON.parse(read(CONFIG)) as unknown, poll).toMatchObject(JSON.parse(config) as object);
  const told = daemon.output().slice(before);
  for (const path of [BUNDLE, "/etc/hosts", CONFIG])
    expect(told).toMatch(new RegExp(`^\\S+Z notice put right registry=devregistry paths=\\S*${path}\\S* wake=`, "m"));
  expect(told).not.toMatch(/ (warning|error) /);
});

test("what is put right wakes nobody for ever", async () => {
  await heals();
  const wakes = (): number => daemon.output().split("something changed").length;
  let last = -1;
  await expect
    .poll(
      () => {
        const same = wakes() === last;
        last = wakes();
        return same;
      },
      { ...poll, interval: 1500 },
    )
    .toBe(true);
});

test("a registry that is down is healed from the records, and one that hangs holds up nobody", async () => {
  const deaf = "require('net').createServer(() => {}).listen(6000, '10.10.62.103', () => console.log('deaf'))";
  const server = await lab.registry.start([join(checkout, "node_modules/.bin/node"), "-e", deaf]);
  await expect.poll(() => server.output(), poll).toContain("deaf");
  const declared = "version: 1\nregistry: devregistry:6000\naddress: 10.10.62.103\n";
  write("/etc/regclient/registries.d/devregistry:6000.yaml", declared);
  try {
    await expect.poll(() => daemon.output(), poll).toContain("devregistry:6000.yaml");
    // while it hangs, the lock is free
    const others = await lab.regclient(["reconcile", "devregistry", "--lock-timeout", "0"]);
    expect(expectDone(others)).toBe("devregistry: as declared\n");
    await lab.setCable(lab.registry, "down");
    expect(await heals()).toBe(true);
    await expect
      .poll(() => daemon.output(), poll)
      .toMatch(/^\S+Z warning .*registry=devregistry:6000 code=RC-NET-\d+ .*failures=1 next-s=\d+$/m);
  } finally {
    await lab.setCable(lab.registry, "up");
    rmSync(lab.client.path("/etc/regclient/registries.d/devregistry:6000.yaml"));
    await server.stop();
  }
});

test("a file that is added is enrolled; one that is taken away is told, and nothing is undone", async () => {
  const { fingerprint } = lab;
  expectDone(await lab.regclient(["unenroll", "devregistry"]));
  expect(statSync(lab.client.path(BUNDLE), { throwIfNoEntry: false })).toBeUndefined();
  expectDone(await lab.client.run(["mkdir", "-p", "/etc/regclient/registries.d"]));
  const text = `version: 1\nregistry: devregistry\naddress: 10.10.62.103\ntrust: { fingerprints: ["${fingerprint}"] }\n`;
  write(DECLARATION, text);
  await expect.poll(() => daemon.output(), poll).toMatch(/^\S+Z notice enrolled registry=devregistry /m);
  expect(read(BUNDLE)).toContain("BEGIN CERTIFICATE");
  expect(read("/etc/hosts")).toMatch(/^10\.10\.62\.103\s+devregistry/m);
  rmSync(lab.client.path(DECLARATION));
  await expect
    .poll(() => daemon.output(), poll)
    .toContain(
      'warning enrolled, but no longer declared: left as it is registry=devregistry fix="regclient unenroll devregistry"',
    );
  expect(read(BUNDLE)).toContain("BEGIN CERTIFICATE");
  write(DECLARATION, text);
  expectDone(await lab.enroll(["--vault", "sealed", "--no-verify"]));
});

test("systemctl reload reads the settings again, and looks at everything", async () => {
  const hangUp = (): boolean => process.kill(daemon.pid, "SIGHUP");
  write(SETTINGS, "version: 1\nreconcile:\n  interval: often\n");
  hangUp();
  await expect
    .poll(() => daemon.output(), poll)
    .toMatch(
      /^\S+Z error the daemon's settings are wrong at \/etc\/regclient\/daemon.yaml:3: reconcile.interval; .*code=RC-CFG-025/m,
    );
  write(SETTINGS, "version: 1\nreconcile: { interval: 1h, startSpread: 0s }\n");
  hangUp();
  await expect.poll(() => daemon.output(), poll).toMatch(/^\S+Z notice reloaded$/m);
  expect(await heals()).toBe(true);
});

test("an engine that is started anew wakes the loop", async () => {
  await lab.client.startDockerd();
  const seen = (): number => daemon.output().split(/something changed path=\S*docker\.sock/).length - 1;
  await expect.poll(seen, poll).toBeGreaterThan(0);
  const first = seen();
  await lab.client.stopDockerd();
  await lab.client.startDockerd();
  await expect.poll(seen, poll).toBeGreaterThan(first);
  await lab.client.stopDockerd();
});
