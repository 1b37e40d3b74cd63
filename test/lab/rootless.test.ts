import { appendFileSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireLab, type CommandResult } from "./lab.ts";
import { expectDone, expectUntouched, programPath, startClientLab, type ClientLab } from "./support/client-lab.ts";
import type { RunningCommand } from "./support/command.ts";

requireLab();

const image = "devregistry:443/app";
const certificates = "/home/anna/.config/docker/certs.d";

let lab: ClientLab;
let engine: RunningCommand;
let uid: number;
beforeAll(async () => {
  lab = await startClientLab();
  expectDone(await lab.client.run(["useradd", "--create-home", "anna"]));
  uid = statSync(lab.client.path("/home/anna")).uid;
  // wanted at the start, and used only where ports are published
  writeFileSync(lab.client.path("/usr/local/bin/rootlesskit-docker-proxy"), "#!/bin/false\n", { mode: 0o755 });
  // the engine reads it once in five seconds
  appendFileSync(lab.client.path("/etc/hosts"), "10.10.62.103 devregistry\n");
  mkdirSync(lab.client.path(`/run/user/${uid}`), { recursive: true });
  // it takes itself for one in rootless mode by this variable (moby: pkg/rootless), and root can start it so
  const env = {
    ROOTLESSKIT_STATE_DIR: `/run/user/${uid}/rootlesskit`,
    XDG_RUNTIME_DIR: `/run/user/${uid}`,
    HOME: "/home/anna",
  };
  const flags = [
    "--bridge=none",
    "--iptables=false",
    "--ip6tables=false",
    "--storage-driver=vfs",
    "--userland-proxy=false",
  ];
  const roots = ["--data-root=/var/lib/docker/rootless", "--exec-root=/run/rootless", "--pidfile=/run/rootless.pid"];
  engine = await lab.client.start(["dockerd", ...flags, ...roots], { env });
  const limit = Date.now() + 30_000;
  let ended = false;
  void engine.ended.then(() => (ended = true));
  while (!ended && !engine.output().includes("API listen on") && Date.now() < limit)
    await new Promise((done) => setTimeout(done, 50));
});
afterAll(async () => {
  await engine?.stop();
  await lab?.[Symbol.asyncDispose]();
});

const docker = (args: readonly string[]): Promise<CommandResult> =>
  lab.client.run(["docker", ...args], {
    env: { ...programPath, DOCKER_HOST: `unix:///run/user/${uid}/docker.sock` },
  });

test("an engine in rootless mode reads its user's directory alone: theirs, and gone when unenrolled", async () => {
  const before = await lab.client.hashTree();
  expectDone(await lab.enroll(["--no-verify"]));
  expect((await docker(["pull", image])).stderr).toContain("x509: certificate signed by unknown authority");
  expectDone(await lab.enroll(["--no-verify", "--user", "anna"]));
  const owners = ["", "/devregistry:443", "/devregistry:443/ca.crt"].map(
    (path) => statSync(lab.client.path(certificates + path)).uid,
  );
  expect(owners).toEqual([uid, uid, uid]);
  // there is no such image: it was asked for, with the login, behind a certificate that is trusted
  expect((await docker(["pull", image])).stderr).toMatch(/not found|manifest unknown/);
  const status = expectDone(await lab.regclient(["status"]));
  expect(status).toMatch(
    / runtime {2}docker \(20\.10\S*\) reads\n(?: {11}.*\n)* {11}\/home\/anna\/\.config\/docker\/certs\.d\/devregistry:443\/ca\.crt/,
  );
  expectDone(await lab.regclient(["unenroll", "devregistry"]));
  await expectUntouched(lab.client, before);
});
