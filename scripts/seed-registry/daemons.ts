import { readFileSync } from "node:fs";
import { readIfPresent } from "./files.ts";

const STOP_LIMIT_MS = 8000;

/**
 * The process that the pid file names, if it is still that process: its command line must hold `marker`. A number that
 * meanwhile belongs to another program, and a zombie, count as not running.
 */
export function findDaemon(pidFile: string, marker: string): number | undefined {
  const pid = Number(readIfPresent(pidFile)?.trim());
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return isRunning(pid) && readProc(pid, "cmdline").replaceAll("\0", " ").includes(marker) ? pid : undefined;
}

/** Ends `pid` and waits for it: SIGTERM, then SIGKILL. */
export async function endDaemon(pid: number): Promise<void> {
  signalDaemon(pid, "SIGTERM");
  const limit = Date.now() + STOP_LIMIT_MS;
  while (isRunning(pid)) {
    if (Date.now() > limit) signalDaemon(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Sends `signal` to `pid`; a process that is gone is no error. */
export function signalDaemon(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function isRunning(pid: number): boolean {
  const stat = readProc(pid, "stat");
  // proc(5): the state follows the command in parentheses, which may hold any character.
  const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  return stat !== "" && state !== "Z" && state !== "X";
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
