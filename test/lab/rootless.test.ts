import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireLab, type CommandResult } from "./lab.ts";
import { expectDone, expectUntouched, programPath, startClientLab, type ClientLab } from "./support/client-lab.ts";
import type { RunningCommand } from "./support/command.ts";

requireLab();

const image = "devregistry:443/app";
const certificates = ".config/docker/certs.d/devregistry:443";

let lab: ClientLab;
let engine: RunningCommand;
let uid: number;
beforeAll(async () => {
  lab = await startClientLab();
  expectDone(await lab.client.run(["useradd", "--create-home", "anna"]));
  uid = statSync(lab.client.path("/home/anna")).uid;
  writeFileSync(lab.client.path("/home/anna/.profile"), "");
  mkdirSync(lab.client.path(`/run/user/${uid}`), { recursive: true });
  // it takes itself for one in rootless mode by this variable (moby: pkg/rootless), and root can start it so
  const env = {
    ROOTLESSKIT_STATE_DIR: `/run/user/${uid}/rootlesskit`,
    XDG_RUNTIME_DIR: `/run/user/${uid}`,
    HOME: "/home/anna",
  };
  const flags = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs"];
  const roots = ["--data-root=/var/lib/docker/rootless", "--exec-root=/run/rootless", "--pidfile=/run/rootless.pid"];
  engine = await lab.client.start(["dockerd", ...flags, ...roots], { env });
  const limit = Date.now() + 30_000;
  while (!engine.output().includes("API listen on") && Date.now() < limit)
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

test("an engine in rootless mode reads its user's directory alone, which is theirs, and is as it was when unenrolled", async () => {
  console.log(engine.output().slice(-3000));
  const before = await lab.client.hashTree();
  expectDone(await lab.enroll(["--no-verify"]));
  const refused = await docker(["pull", image]);
  console.log(refused);
  expectDone(await lab.regclient(["unenroll", "devregistry"]));
  await expectUntouched(lab.client, before);
  expectDone(await lab.enroll(["--no-verify", "--user", "anna"]));
  const file = statSync(lab.client.path(`/home/anna/${certificates}/ca.crt`));
  const directory = statSync(lab.client.path(`/home/anna/.config`));
  expect([file.uid, directory.uid]).toEqual([uid, uid]);
  console.log(await docker(["pull", image]));
  expectDone(await lab.regclient(["unenroll", "devregistry"]));
  await expectUntouched(lab.client, before);
});
