import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { labPath } from "./requirements.ts";

/** What keeps the namespaces of one host alive. */
export interface Holder {
  /** Pid of the host's first process, as seen from outside. */
  readonly pid: number;
  /** Ends every process of the host and with them its namespaces and mounts. */
  release(): Promise<void>;
}

/** How a host is to be made. */
export interface HolderOptions {
  readonly name: string;
  /** An own, not yet existing folder: mount point of the host's tmpfs. */
  readonly scratch: string;
  readonly hostsBindMount: boolean;
  /** A tree to boot a machine from: read-only at /run/tree. */
  readonly tree?: string | undefined;
}

/** The source checkout that this file is part of. */
export const checkout = resolve(import.meta.dirname, "../../..");

/** Starts the namespaces and the own file system of a host (host-setup.sh) and waits until they stand. */
export async function startHolder(options: HolderOptions): Promise<Holder> {
  mkdirSync(options.scratch, { recursive: true });
  const script = resolve(import.meta.dirname, "host-setup.sh");
  const kind = options.hostsBindMount ? "bind-mount" : "plain";
  const namespaces = ["--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child"];
  const child = spawnHeld([
    "unshare",
    ...namespaces,
    "sh",
    script,
    options.scratch,
    options.name,
    checkout,
    kind,
    options.tree ?? "",
  ]);
  const pid = await readReadyLine(child, options.name);
  if (!isOfTheLab(pid)) {
    await releaseHolder(child, pid, options.scratch);
    throw new Error(
      "the lab host has the root of this machine: the lab cannot run below a chroot, whose root is not the kernel's",
    );
  }
  return { pid, release: () => releaseHolder(child, pid, options.scratch) };
}

/** What comes into the host's namespaces must come to its own files: else every test would write to this machine. */
function isOfTheLab(pid: number): boolean {
  const { status } = spawnSync("nsenter", [`--mount=/proc/${pid}/ns/mnt`, "test", "-d", "/run/lab/own"], {
    env: { PATH: labPath },
  });
  return status === 0 && existsSync(`/proc/${pid}/root/run/lab/own`);
}

/** Starts a network namespace with nothing else of its own. */
export async function startSwitchHolder(): Promise<Holder> {
  const child = spawnHeld(["unshare", "--net", "sh", "-c", 'echo "ready $$"; exec sleep infinity']);
  const pid = await readReadyLine(child, "switch");
  return { pid, release: () => releaseHolder(child, pid, undefined) };
}

/** The kernel ends the child when this process ends, however that comes: nothing is left even after kill -9. */
export function spawnHeld(argv: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn("setpriv", ["--pdeathsig", "KILL", ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { PATH: labPath, ...env },
  });
}

async function readReadyLine(child: ChildProcess, name: string): Promise<number> {
  if (child.stdout === null || child.stderr === null) throw new Error("the holder has no pipes");
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  for await (const line of createInterface(child.stdout)) {
    const match = /^ready (\d+)$/.exec(line);
    if (match !== null) return Number(match[1]);
  }
  throw new Error(`lab host ${name} did not start: ${errors.trim()}`);
}

async function releaseHolder(child: ChildProcess, pid: number, scratch: string | undefined): Promise<void> {
  const ended =
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : new Promise<void>((done) => child.once("exit", () => done()));
  killIfAlive(pid);
  // unshare ends only after the kernel has ended every process of the pid namespace.
  await ended;
  if (scratch !== undefined) rmdirSync(scratch);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
