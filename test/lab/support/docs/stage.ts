import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Lab } from "../../lab.ts";
import { login, programPath } from "../client-lab.ts";
import { runCommand, startCommand, type CommandOptions, type CommandResult, type RunningCommand } from "../command.ts";

/** A host, and what a person types on it. */
export interface Desk {
  /** A line of bash. */
  type(line: string, options?: CommandOptions): Promise<CommandResult>;
  /** The same at a terminal. */
  typeAtTerminal(line: string, options?: CommandOptions): Promise<CommandResult>;
  start(line: string): Promise<RunningCommand>;
  path(path: string): string;
  /** Until a file is there. */
  waitFor(path: string): Promise<void>;
}

/** The hosts that the pages speak of. */
export interface Stage {
  readonly client: Desk;
  readonly registry: Desk;
  /** The first process of the client. */
  readonly pid: number;
  /** Of this machine, for what is brought from host to host. */
  readonly folder: string;
  /** Of what is served now. */
  fingerprint(): string;
  password(): string;
  /** The registry has given the user another password. */
  learn(password: string): void;
}

const LONGEST_MS = 30_000;

/** A stage for a lab; the client is what has the first process `pid`: the lab's own client, or a machine in it. */
export function makeStage(lab: Lab, pid = lab.client.holderPid, folder = ""): Stage {
  const known = { password: login.password as string };
  return {
    client: makeDesk(() => pid),
    registry: makeDesk(() => lab.registry.holderPid),
    pid,
    folder,
    fingerprint: () => readFingerprint(lab.registry.path("/var/lib/devregistry/tls/current/certificate.pem")),
    password: () => known.password,
    learn: (password) => void (known.password = password),
  };
}

function makeDesk(pid: () => number): Desk {
  const withPath = (options: CommandOptions = {}): CommandOptions => ({
    ...options,
    env: { ...programPath, ...options.env },
  });
  const path = (inside: string): string => join(`/proc/${pid()}/root`, inside);
  return {
    type: (line, options) => runCommand(pid(), ["bash", "-c", line], withPath(options)),
    typeAtTerminal: (line, options) => {
      const terminal = ["script", "--quiet", "--return", "--command", line, "/dev/null"];
      return runCommand(pid(), terminal, withPath({ ...options, env: { NO_COLOR: "1", SHELL: "/bin/bash" } }));
    },
    start: (line) => startCommand(pid(), ["bash", "-c", `exec ${line}`], withPath()),
    path,
    waitFor: async (inside) => {
      for (const limit = Date.now() + LONGEST_MS; !existsSync(path(inside)); await setTimeout(50))
        if (Date.now() > limit) throw new Error(`there is no ${inside} after ${LONGEST_MS / 1000} s`);
    },
  };
}

/** Of the seed registry's certificate; nothing before there is one. */
function readFingerprint(path: string): string {
  if (!existsSync(path)) return "";
  return `sha256:${new X509Certificate(readFileSync(path)).fingerprint256.replaceAll(":", "").toLowerCase()}`;
}
