import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeSelfSigned } from "../support/self-signed.ts";
import { requireLab, type CommandResult } from "./lab.ts";
import { expectDone, login, loginArgs, startClientLab, type ClientLab } from "./support/client-lab.ts";
import type { RunningCommand } from "./support/command.ts";
import { checkout } from "./support/holder.ts";

requireLab();

const image = "devregistry:443/app";
const bundle = "/etc/docker/certs.d/devregistry:443/ca.crt";
const source = "https://devregistry/.well-known/regclient/trust.pem";

let lab: ClientLab;
beforeAll(async () => {
  lab = await startClientLab();
  await lab.client.startDockerd();
  expectDone(await enrollNow());
  const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
  expectDone(await lab.client.run(["sh", "-c", `${make} | docker import - ${image}`]));
  expectDone(await lab.docker(["push", image]));
});
afterAll(() => lab[Symbol.asyncDispose]());

beforeEach(async () => {
  await lab.registry.devregistry(["rotate", "--withdraw"]);
});

/** A host that trusts what is served, and nothing else. */
async function enrollNow(more: readonly string[] = []): Promise<CommandResult> {
  await lab.regclient(["unenroll", "devregistry"]);
  const trust = ["--address", "10.10.62.103", ...loginArgs(await fingerprint()), ...more];
  return lab.regclient(["enroll", "devregistry", ...trust], { stdin: `${login.password}\n` });
}

async function fingerprint(more: readonly string[] = []): Promise<string> {
  return expectDone(await lab.registry.devregistry(["fingerprint", ...more])).trim();
}

async function rotate(step: string): Promise<void> {
  expectDone(await lab.registry.devregistry(["rotate", step]));
}

/** The registry is asked, whatever the engine has already. */
async function pull(): Promise<CommandResult> {
  await lab.docker(["image", "rm", image]);
  return lab.docker(["pull", image]);
}

function countCertificates(): number {
  return readFileSync(lab.client.path(bundle), "utf8").split("BEGIN CERTIFICATE").length - 1;
}

/** What nginx answered to who read the source, and as whom. */
function answers(): readonly string[] {
  const log = readFileSync(lab.registry.path("/var/lib/devregistry/logs/nginx-access.log"), "utf8");
  return log.split("\n").filter((line) => line.includes("/.well-known/regclient/trust.pem"));
}

describe("a rotation that the registry announces", () => {
  test("without a hold-down: no pull fails, and nobody does anything on the client", async () => {
    expectDone(await enrollNow(["--hold-down", "0s"]));
    expectDone(await lab.regclient(["reconcile"]));
    const [settled, before] = [await lab.client.hashTree(), answers().length];
    expect(expectDone(await lab.regclient(["reconcile"]))).toBe("devregistry: as declared\n");
    expect(await lab.client.hashTree()).toEqual(settled);
    expect(answers().slice(before)).toEqual([expect.stringMatching(/ - - .*" 304 /)]);

    await rotate("--announce");
    const followed = await lab.regclient(["reconcile"]);
    expect(followed.stderr).toContain(`${await fingerprint(["--announced"])} is trusted now as well: announced`);
    expect(countCertificates()).toBe(2);
    expectDone(await pull());
    await rotate("--activate");
    expectDone(await pull());
    expect(expectDone(await lab.regclient(["reconcile"]))).toBe("devregistry: as declared\n");
    expectDone(await pull());
    expectDone(await lab.regclient(["verify", "devregistry", "--via", "docker"]));
  });

  test("with a hold-down: trusted once it has passed, before it is served", async () => {
    expectDone(await enrollNow(["--hold-down", "3s"]));
    await rotate("--announce");
    const announced = await lab.regclient(["reconcile"]);
    expect(announced.stderr).toContain("is announced to come");
    expect(countCertificates()).toBe(1);
    expect(expectDone(await lab.regclient(["trust", "show", "devregistry"]))).toMatch(
      / {2}coming {3}sha256:[^]*to pass/,
    );
    await expect
      .poll(async () => [(await lab.regclient(["reconcile"])).code, countCertificates()], {
        timeout: 60_000,
        interval: 500,
      })
      .toEqual([0, 2]);
    await rotate("--activate");
    expectDone(await pull());
    const shown = expectDone(await lab.regclient(["trust", "show", "devregistry"]));
    expect(shown).toContain(`because: announced (by well-known ${source}, first seen `);
    expect(shown).toMatch(/announced by root\n +sha256:[^]*followed by root\n +sha256:/);
  });

  test("that is served too early waits, and a person can accept it", async () => {
    expectDone(await enrollNow());
    await rotate("--announce");
    expectDone(await lab.regclient(["reconcile"]));
    await rotate("--activate");
    expect((await pull()).stderr).toContain("x509");
    const early = await lab.regclient(["reconcile"]);
    expect(early.code).toBe(3);
    expect(early.stderr).toContain("[RC-TRU-032]");
    expect(early.stderr).toContain("of 1d are to pass yet");
    expect(countCertificates()).toBe(1);
    expectDone(await lab.regclient(["trust", "accept", "devregistry", await fingerprint()]));
    expectDone(await pull());
  });

  test("that is withdrawn is forgotten", async () => {
    expectDone(await enrollNow());
    await rotate("--announce");
    expectDone(await lab.regclient(["reconcile"]));
    await rotate("--withdraw");
    expect((await lab.regclient(["reconcile"])).stderr).toContain("is no longer announced");
    expect(expectDone(await lab.regclient(["status"]))).not.toContain("coming");
    expect(countCertificates()).toBe(1);
  });
});

/** On the registry's host, port 8443: somebody with a certificate of their own. Port 8444: the registry's, leading there. */
async function startImitator(): Promise<RunningCommand> {
  const { cert, key } = makeSelfSigned(["DNS:devregistry"]);
  const tls = "/var/lib/devregistry/tls/current";
  const script = `
    const { createServer } = require("node:https");
    const { appendFileSync, readFileSync } = require("node:fs");
    const listen = (port, tls, answer) => createServer(tls, (request, response) => {
      appendFileSync("/tmp/asked", port + " " + request.url + " " + JSON.stringify(request.headers) + "\\n");
      answer(response);
    }).listen(port, "10.10.62.103", () => console.log("listening on " + port));
    const own = { cert: ${JSON.stringify(cert)}, key: ${JSON.stringify(key)} };
    const stolen = { cert: readFileSync("${tls}/certificate.pem"), key: readFileSync("${tls}/key.pem") };
    listen(8443, own, (response) => response.end(own.cert));
    listen(8444, stolen, (response) => response.writeHead(302, { Location: "https://devregistry:8443/trust.pem" }).end());`;
  writeFileSync(lab.registry.path("/tmp/imitator.cjs"), script);
  writeFileSync(lab.registry.path("/tmp/asked"), "");
  const running = await lab.registry.start([join(checkout, "node_modules/.bin/node"), "/tmp/imitator.cjs"]);
  await expect.poll(() => running.output(), { timeout: 30_000 }).toMatch(/8443[^]*8444|8444[^]*8443/);
  return running;
}

test("somebody at the place of the source, or a redirect to them: nothing is trusted, nothing is told to them", async () => {
  const imitator = await startImitator();
  for (const [port, told] of [
    ["8443", "RC-TLS-"],
    ["8444", "RC-TRU-034"],
  ] as const) {
    const at = `well-known=https://devregistry:${port}/trust.pem`;
    expectDone(await enrollNow(["--trust-source", at, "--hold-down", "0s"]));
    const reconciled = await lab.regclient(["reconcile"]);
    expect(reconciled.code).toBe(0);
    expect(reconciled.stderr).toMatch(new RegExp(`trust source well-known .*counts for nothing now: .*${told}`));
    expect(countCertificates()).toBe(1);
    expectDone(await pull());
  }
  const asked = readFileSync(lab.registry.path("/tmp/asked"), "utf8").trim().split("\n");
  // by enroll and by reconcile
  expect(asked).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/^8444 \/trust\.pem /)));
  expect(asked.join("").toLowerCase()).not.toMatch(/authorization|cookie/);
  await imitator.stop();
});
