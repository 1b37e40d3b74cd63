import { lookup } from "node:dns/promises";
import { homedir, hostname, tmpdir, uptime, userInfo } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { createReadFiles, createWriteFiles } from "./node-files.ts";
import { createProcesses } from "./node-processes.ts";
import { createLock, lockPathFor } from "./node-lock.ts";
import { makeScratch } from "./node-scratch.ts";
import { createTerminal, type TerminalOptions } from "./node-terminal.ts";
import type { Caller, Clock, Host, Resolver } from "./ports.ts";

/** The machine this process runs on, with all of its paths below `root`. */
export function createNodeHost(root: string, terminal: TerminalOptions, signal: AbortSignal): Host {
  const command = process.argv.slice(2).find((word) => !word.startsWith("-")) ?? "";
  return {
    files: createReadFiles(root),
    writer: createWriteFiles(root),
    clock: createClock(),
    uptime: () => Math.round(uptime() * 1000),
    resolver: createResolver(),
    terminal: createTerminal(terminal),
    caller: describeCaller(),
    lock: createLock(lockPathFor(root), `process ${process.pid} (regclient ${command})`),
    processes: createProcesses(signal),
    makeScratch: async () => makeScratch(tmpdir()),
    signal,
  };
}

function createClock(): Clock {
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    sleep: async (milliseconds, signal) => {
      await wait(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    },
  };
}

function createResolver(): Resolver {
  return {
    lookup: async (host) => {
      try {
        return (await lookup(host, { all: true, order: "verbatim" })).map((found) => found.address);
      } catch (error) {
        return readLookupFailure((error as NodeJS.ErrnoException).code);
      }
    },
  };
}

/** getaddrinfo(3): "temporary failure" is silence; all other errors are the answer that there is no such name. */
export function readLookupFailure(code: string | undefined): readonly string[] | undefined {
  return code === "EAI_AGAIN" ? undefined : [];
}

/** A user without an entry in passwd, as in many containers, has numbers but no name. */
function identify(): Pick<Caller, "uid" | "gid" | "login"> {
  try {
    const { uid, gid, username } = userInfo();
    return { uid, gid, login: username };
  } catch {
    const uid = process.getuid?.() ?? -1;
    return { uid, gid: process.getgid?.() ?? -1, login: `uid ${uid}` };
  }
}

function describeCaller(): Caller {
  return {
    ...identify(),
    home: homedir(),
    hostname: hostname(),
    environment: process.env,
  };
}
