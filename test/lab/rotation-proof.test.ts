import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { diffTrees, requireLab, type CommandResult, type RunningCommand } from "./lab.ts";
import { expectDone, login, loginArgs, programPath, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { checkout } from "./support/holder.ts";
import type { SteadyPull, SteadyPulls } from "./support/pull-steadily-main.ts";

requireLab();

const IMAGE = "devregistry:443/app";
const BUNDLE = "/etc/docker/certs.d/devregistry:443/ca.crt";
const DECLARATION = "/etc/regclient/registries.d/devregistry.yaml";
const METRICS = "/run/regclient.prom";
const ACCESS_LOG = "/var/lib/devregistry/logs/nginx-access.log";
const ROTATIONS = 10;
const PER_SECOND = 5;
// a pass takes a fraction of a second; on a machine that is busy with other things, longer
const poll = { timeout: 60_000, interval: 200 };

let lab: ClientLab;
let daemon: RunningCommand;
beforeAll(async () => {
  lab = await startClientLab();
  // certificates of one day: in the last one the daemon looks four times as often, here every 2.5 s
  expectDone(await lab.registry.devregistry(["rotate", "--days", "1"]));
  await hashCheaply();
  await lab.client.startDockerd();
  const trust = ["--address", "10.10.62.103", "--hold-down", "1s", ...loginArgs(await fingerprint())];
  expectDone(await lab.regclient(["enroll", "devregistry", ...trust], { stdin: `${login.password}\n` }));
  const declared = readFileSync(lab.client.path(DECLARATION), "utf8");
  writeFileSync(lab.client.path(DECLARATION), declared.replace("trust:\n", "trust:\n  grace: 5s\n"));
  const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
  expectDone(await lab.client.run(["sh", "-c", `${make} | docker import - ${IMAGE}`]));
  // the engine reads the hosts file every five seconds at most
  await waitUntil(async () => (await lab.docker(["push", IMAGE])).code === 0);
  const settings =
    "version: 1\nreconcile: { interval: 10s, jitter: 0, startSpread: 0s, retryFirst: 2s, retryMost: 2s }\n";
  writeFileSync(lab.client.path("/etc/regclient/daemon.yaml"), settings);
  const argv = ["regclient", "daemon", "--socket", "/run/regclient/credentials.sock", "--metrics-textfile", METRICS];
  daemon = await lab.client.start(argv, { env: programPath });
}, 120_000);
afterAll(async () => {
  await daemon?.stop();
  await lab[Symbol.asyncDispose]();
});

/** Before any test, where nothing can be polled. */
async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries > 60) throw new Error("it never came to be so");
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** Five logins a second are to cost the processor no more than they must: bcrypt is made to be slow. */
async function hashCheaply(): Promise<void> {
  const argv = ["htpasswd", "-B", "-C", "4", "-i", "/var/lib/devregistry/htpasswd", login.username];
  expectDone(await lab.registry.run(argv, { stdin: `${login.password}\n` }));
}

async function fingerprint(more: readonly string[] = []): Promise<string> {
  return expectDone(await lab.registry.devregistry(["fingerprint", ...more])).trim();
}

async function rotate(step: readonly string[]): Promise<void> {
  expectDone(await lab.registry.devregistry(["rotate", "--days", "1", ...step]));
}

/** Of the certificate that a client is shown. */
async function servedFingerprint(): Promise<string> {
  const ask =
    "openssl s_client -connect devregistry:443 </dev/null 2>/dev/null | openssl x509 -outform DER | sha256sum";
  return `sha256:${expectDone(await lab.client.run(["sh", "-c", ask])).slice(0, 64)}`;
}

/** Whether the engine is to trust the certificate in this slot of the registry's. */
function isTrusted(slot: "current" | "next"): boolean {
  const pem = readFileSync(lab.registry.path(`/var/lib/devregistry/tls/${slot}/certificate.pem`), "utf8");
  return readFileSync(lab.client.path(BUNDLE), "utf8").includes(pem.trim());
}

async function pullSteadily(): Promise<() => Promise<readonly SteadyPull[]>> {
  const argv = [join(checkout, "node_modules/.bin/node"), join(checkout, "test/lab/support/pull-steadily-main.ts")];
  const pulls: SteadyPulls = { image: IMAGE, ...login, perSecond: PER_SECOND };
  const running = await lab.client.start(argv, { stdin: JSON.stringify(pulls) });
  return async () => {
    const { stdout } = await running.stop();
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as SteadyPull);
  };
}

/** Adds what is served to `served`. */
async function rotateTenTimes(served: Set<string>): Promise<void> {
  for (let count = 0; count < ROTATIONS; count += 1) {
    await rotate(["--announce"]);
    const coming = await fingerprint(["--announced"]);
    await expect.poll(() => isTrusted("next"), poll).toBe(true);
    await rotate(["--activate"]);
    // a worker of before may answer for a moment yet
    await expect.poll(servedFingerprint, poll).toBe(coming);
    served.add(coming);
  }
}

function countManifestRequests(): number {
  const lines = readFileSync(lab.registry.path(ACCESS_LOG), "utf8").split("\n");
  return lines.filter((line) => /\/v2\/app\/manifests\/latest HTTP\/1.1" 200 .*docker\//.test(line)).length;
}

test("ten announced rotations while five pulls a second go on: none fails", async () => {
  await expect.poll(() => daemon.output(), poll).toContain("part=reconcile");
  const before = countManifestRequests();
  const served = new Set([await servedFingerprint()]);
  const stop = await pullSteadily();
  const pulls = await rotateTenTimes(served).then(stop, async (error: unknown) => {
    await stop();
    throw error;
  });
  expect(pulls.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(served.size).toBe(ROTATIONS + 1);
  const seconds = (pulls.at(-1)?.at ?? 0) / 1000;
  expect(pulls.length / seconds).toBeGreaterThan(PER_SECOND * 0.9);
  expect(pulls.length).toBeGreaterThan(ROTATIONS * PER_SECOND);
  // each of them asked the registry
  expect(countManifestRequests() - before).toBeGreaterThanOrEqual(pulls.length);
}, 240_000);

describe("a swap without notice, while the daemon runs", () => {
  let seen: string;
  const pull = async (): Promise<CommandResult> => {
    await lab.docker(["image", "rm", IMAGE]);
    return lab.docker(["pull", IMAGE]);
  };

  test("fails closed, and changes nothing but what regclient remembers", async () => {
    // what was replaced is gone after its grace, and then nothing changes any more
    const count = (): number => readFileSync(lab.client.path(BUNDLE), "utf8").split("BEGIN CERTIFICATE").length - 1;
    await expect.poll(count, poll).toBe(1);
    expectDone(await pull());
    const before = await lab.client.hashTree();
    await rotate([]);
    seen = await fingerprint();
    await expect.poll(() => daemon.output(), poll).toContain(`pending=${seen}`);
    const after = await lab.client.hashTree();
    expect((await pull()).stderr).toContain("x509");
    expect(diffTrees(before, after)).toEqual({
      added: [],
      removed: [],
      changed: ["/var/lib/regclient/decisions.log", "/var/lib/regclient/registries/devregistry.json"],
    });
    expect(isTrusted("current")).toBe(false);
  }, 120_000);

  test("is told by status, exit codes, log and metrics", async () => {
    const asked = await lab.regclient(["reconcile"]);
    expect(asked.code).toBe(3);
    expect(asked.stderr).toContain("[RC-TRU-013]");
    expect(asked.stderr).toContain(`regclient trust accept devregistry ${seen}`);
    expect((await lab.regclient(["status"])).stdout).toContain(`  waiting  ${seen}, first seen `);
    const line = daemon
      .output()
      .split("\n")
      .find((each) => each.includes(`pending=${seen}`));
    expect(line).toMatch(/ warning .*shows a certificate that nothing trusted so far vouches for .*code=RC-TRU-013 /);
    await expect
      .poll(() => readFileSync(lab.client.path(METRICS), "utf8"), poll)
      .toMatch(/^regclient_pending_certificates\{registry="devregistry(?::443)?"\} 1$/m);
    const metrics = readFileSync(lab.client.path(METRICS), "utf8");
    expect(metrics).toMatch(/^regclient_last_pass_success\{.*\} 0$/m);
    expect(metrics).toMatch(/^regclient_last_pass_result\{.*code="RC-TRU-013",kind="trust".*\} 1$/m);
  });

  test("is healed by a person's word", async () => {
    expectDone(await lab.regclient(["trust", "accept", "devregistry", seen]));
    expectDone(await pull());
    await expect.poll(() => daemon.output(), poll).toMatch(/ notice well again registry=devregistry /);
    await expect
      .poll(() => readFileSync(lab.client.path(METRICS), "utf8"), poll)
      .toMatch(/^regclient_last_pass_success\{.*\} 1$/m);
    expectDone(await lab.regclient(["status"]));
  });
});
