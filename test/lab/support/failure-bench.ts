import { readFileSync, rmSync } from "node:fs";
import { makeCA, makeLeaf, type CertificateRequest, type Identity } from "../../support/pki.ts";
import { startLab, type CommandOptions, type CommandResult, type Lab, type LabHost } from "../lab.ts";
import { login, programPath } from "./client-lab.ts";
import { goodFront, type Front } from "./failure-front.ts";
import { makeFront, makeRegistry, must, startStub, writeFile, type RegistryChanges } from "./failure-servers.ts";
import type { Stub } from "./failure-stub.ts";

/** A registry with nginx in front, a host enrolled at it and one set up by hand; all of it to be broken and mended. */
export interface Bench extends AsyncDisposable {
  readonly lab: Lab;
  readonly ca: Identity;
  readonly enrolled: LabHost;
  readonly byHand: LabHost;
  /** The good certificate, as the request changes it. */
  issue(request: CertificateRequest): Identity;
  /** nginx as it should be, but for this. */
  front(changes: (good: Front) => Partial<Front>, environment?: Readonly<Record<string, string>>): Promise<void>;
  stopFront(): Promise<void>;
  /** The registry's configuration as it should be, but for this. */
  registry(changes: RegistryChanges): Promise<void>;
  stopRegistry(): Promise<void>;
  /** A second registry, on port 5001. */
  replica(changes: RegistryChanges): Promise<void>;
  stub(stub: Stub): Promise<void>;
  write(host: LabHost, path: string, content: string | Uint8Array): void;
  /** A command that must go well on a host, and what undoes it. */
  run(host: LabHost, command: string, undo?: string): Promise<void>;
  onMend(undo: () => Promise<void> | void): void;
  /** Undoes all that was done since the last time. */
  mend(): Promise<void>;
  regclient(host: LabHost, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
}

export const name = "devregistry";
export const address = "10.10.62.103";
const day = 86_400_000;

/** Starts all of it, whole. */
export async function startBench(): Promise<Bench> {
  const lab = await startLab({ clients: 2 });
  try {
    const bench = await makeBench(lab);
    await setUpByHand(bench);
    await enroll(bench);
    return bench;
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

async function makeBench(lab: Lab): Promise<Bench> {
  const ca = makeCA({ commonName: "Lab CA", notAfter: Date.now() + 1000 * day });
  const issue: Bench["issue"] = (request) =>
    makeLeaf({
      commonName: name,
      dns: [name],
      ip: [address],
      issuer: ca,
      notAfter: Date.now() + 300 * day,
      ...request,
    });
  const { put, ...mending } = makeMending();
  const nginx = makeFront(lab.registry, goodFront(issue({})));
  const first = makeRegistry(lab.registry, 5000);
  const second = makeRegistry(lab.registry, 5001);
  const { stdout } = await lab.registry.run(["htpasswd", "-B", "-C", "4", "-i", "-n", login.username], {
    stdin: `${login.password}\n`,
  });
  writeFile(lab.registry, "/etc/lab-htpasswd", stdout);
  await Promise.all([nginx.start(), first.start({})]);
  const { onMend } = mending;
  return {
    ...mending,
    lab,
    ca,
    enrolled: lab.client,
    byHand: lab.clients[1] ?? lab.client,
    issue,
    front: (changes, environment) => (onMend(() => nginx.start()), nginx.start(changes, environment)),
    stopFront: () => (onMend(() => nginx.start()), nginx.stop()),
    registry: (changes) => (onMend(() => first.start({})), first.start(changes)),
    stopRegistry: () => (onMend(() => first.start({})), first.stop()),
    replica: (changes) => (onMend(() => second.stop()), second.start(changes)),
    stub: async (stub) => onMend(await startStub(lab.registry, stub)),
    write: put,
    regclient: (host, args, more = {}) =>
      host.run(["regclient", ...args], { ...more, env: { ...programPath, ...more.env } }),
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

function makeMending() {
  const undone: (() => Promise<void> | void)[] = [];
  const onMend: Bench["onMend"] = (undo) => void undone.push(undo);
  const keep = (host: LabHost, path: string): void => {
    const before = readIfThere(host, path);
    onMend(() => (before === undefined ? rmSync(host.path(path), { recursive: true }) : writeFile(host, path, before)));
  };
  const put: Bench["write"] = (host, path, content) => {
    keep(host, path);
    writeFile(host, path, content);
  };
  const run: Bench["run"] = async (host, command, undo) => {
    await must(host, command);
    if (undo !== undefined) onMend(() => must(host, undo));
  };
  const mend: Bench["mend"] = async () => {
    for (const undo of undone.splice(0).toReversed()) await undo();
  };
  return { put, run, onMend, mend };
}

/** As people do it: a line in the hosts file, and the CA where Docker looks for it. */
async function setUpByHand({ byHand, ca }: Bench): Promise<void> {
  writeFile(byHand, "/etc/hosts", `${readFileSync(byHand.path("/etc/hosts"), "utf8")}${address}\t${name}\n`);
  for (const each of [`${name}:443`, address, `${address}:443`])
    writeFile(byHand, `/etc/docker/certs.d/${each}/ca.crt`, ca.certificate.pem);
}

async function enroll(bench: Bench): Promise<void> {
  writeFile(bench.enrolled, "/root/ca.pem", bench.ca.certificate.pem);
  const who = ["--username", login.username, "--password-stdin", "--vault", "sealed"];
  const { code, stderr } = await bench.regclient(
    bench.enrolled,
    ["enroll", name, "--address", address, "--ca-file", "/root/ca.pem", ...who],
    { stdin: `${login.password}\n` },
  );
  if (code !== 0) throw new Error(`enrolling failed:\n${stderr}`);
}

function readIfThere(host: LabHost, path: string): Buffer | undefined {
  try {
    return readFileSync(host.path(path));
  } catch {
    return undefined;
  }
}
