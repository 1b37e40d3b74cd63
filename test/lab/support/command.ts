import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { labPath } from "./requirements.ts";

/** How a command runs inside a host. */
export interface CommandOptions {
  readonly stdin?: string | Uint8Array;
  /** Added to a small fixed environment; nothing of the test's own environment reaches a host. */
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of the host; default is the home of the user. */
  readonly cwd?: string;
  /** Default 60000. The command is killed then, and `signal` is SIGKILL. */
  readonly timeoutMs?: number;
  /** A login of the host's /etc/passwd; default root. */
  readonly user?: string;
}

/** What a command left behind. */
export interface CommandResult {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs on while the test goes on. */
export interface RunningCommand {
  /** As seen from outside the host. */
  readonly pid: number;
  /** What it has written so far, stdout and stderr in order of arrival. */
  readonly output: () => string;
  /** Settles when it ends. */
  readonly ended: Promise<CommandResult>;
  /** Sends `signal` (default SIGTERM), after 5 s SIGKILL to it and its children, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<CommandResult>;
}

const OUTPUT_LIMIT = 16 * 1024 * 1024;

/** Runs `argv` inside the host held by `holderPid` and waits for its end. A failing command is a result, not an error. */
export async function runCommand(
  holderPid: number,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawnInside(holderPid, argv, options);
  const timer = setTimeout(() => killGroup(child), options.timeoutMs ?? 60_000);
  try {
    return await collectResult(child);
  } finally {
    clearTimeout(timer);
  }
}

/** Starts `argv` inside the host held by `holderPid`. */
export async function startCommand(
  holderPid: number,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<RunningCommand> {
  const child = spawnInside(holderPid, argv, options);
  let output = "";
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString("utf8")).slice(-OUTPUT_LIMIT));
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const ended = collectResult(child);
  const pid = await findInnerPid(child);
  return { pid, output: () => output, ended, stop: (signal) => stopCommand(child, pid, ended, signal) };
}

function spawnInside(holderPid: number, argv: readonly string[], options: CommandOptions): ChildProcess {
  const account = readAccount(holderPid, options.user ?? "root");
  const { uid, gid, home, login } = account;
  const asUser = uid === 0 ? [] : ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--init-groups", "--"];
  const inside = [...asUser, "env", "-C", options.cwd ?? home, ...argv];
  // Not `ip netns exec`: it mounts a new /sys, which hides the cgroups from dockerd.
  const child = spawn("nsenter", ["-t", String(holderPid), "-m", "-n", "-p", "-u", "-i", "--", ...inside], {
    env: { PATH: labPath, LANG: "C.UTF-8", HOME: home, USER: login, LOGNAME: login, ...options.env },
    // An own process group, so that a time limit reaches the grandchildren too.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that does not read its input is no error.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.stdin ?? "");
  return child;
}

interface Account {
  readonly login: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

function readAccount(holderPid: number, login: string): Account {
  const lines = readFileSync(`/proc/${holderPid}/root/etc/passwd`, "utf8").split("\n");
  const fields = lines.map((line) => line.split(":")).find(([name]) => name === login);
  if (fields === undefined) throw new Error(`the lab host has no user ${login}`);
  return { login, uid: Number(fields[2]), gid: Number(fields[3]), home: fields[5] ?? "/" };
}

function collectResult(child: ChildProcess): Promise<CommandResult> {
  return new Promise((done, fail) => {
    const streams = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let size = 0;
    for (const name of ["stdout", "stderr"] as const)
      child[name]?.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= OUTPUT_LIMIT) streams[name].push(chunk);
      });
    const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString("utf8");
    child.once("error", fail);
    const finish = (code: number | null, signal: NodeJS.Signals | null): void =>
      done({ code, signal, stdout: text(streams.stdout), stderr: text(streams.stderr) });
    child.once("close", finish);
    // A daemon that the command left behind may hold the pipes open for ever.
    child.once("exit", (code, signal) => setTimeout(() => finish(code, signal), 500));
  });
}

/** nsenter into a pid namespace forks; its only child is the command. */
async function findInnerPid(child: ChildProcess): Promise<number> {
  const outer = child.pid;
  if (outer === undefined) throw new Error("nsenter did not start");
  for (let attempt = 0; attempt < 200 && child.exitCode === null && child.signalCode === null; attempt += 1) {
    const inner = readChildren(outer)[0];
    if (inner !== undefined) return inner;
    await new Promise((done) => setTimeout(done, 5));
  }
  return outer;
}

/** The processes that `pid` has started and that still run. */
export function readChildren(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return text === "" ? [] : text.split(" ").map(Number);
  } catch {
    return [];
  }
}

async function stopCommand(
  child: ChildProcess,
  pid: number,
  ended: Promise<CommandResult>,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<CommandResult> {
  const timer = setTimeout(() => killGroup(child), 5000);
  // nsenter ends as its child does; a signal to nsenter itself would leave the child running.
  sendSignal(pid, signal);
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) sendSignal(-child.pid, "SIGKILL");
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
