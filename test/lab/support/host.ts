import { basename, dirname, join } from "node:path";
import { runCommand, startCommand, type CommandOptions, type CommandResult, type RunningCommand } from "./command.ts";
import { makeDockerd, type Dockerd } from "./docker.ts";
import { startHolder, type HolderOptions } from "./holder.ts";
import { startKeyring, type Keyring } from "./keyring.ts";
import type { Addresses } from "./network.ts";
import { hashTree } from "./tree.ts";

/** One host of the lab: own network, own processes, own file system on top of the machine's. */
export interface LabHost {
  readonly name: string;
  readonly addresses: Addresses;
  /** First process of the host, as seen from outside: `nsenter -t PID -a` opens a shell in it. */
  readonly holderPid: number;
  /** Name of the cgroup that belongs to the lab, below the roots of all hierarchies. */
  readonly cgroup: string;
  /** Where a test outside reads and writes the host's `path`. */
  path(path: string): string;
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  start(argv: readonly string[], options?: CommandOptions): Promise<RunningCommand>;
  startDockerd(environment?: Readonly<Record<string, string>>): Promise<void>;
  stopDockerd(): Promise<void>;
  /** What dockerd has logged since its last start. */
  dockerdLogs(): string;
  startKeyring(password: string): Promise<Keyring>;
  hashTree(): Promise<ReadonlyMap<string, string>>;
  /** Ends everything that runs in the host and forgets everything it wrote. */
  release(): Promise<void>;
}

/** Starts a host that is plugged in nowhere yet. */
export async function startHost(options: HolderOptions, addresses: Addresses): Promise<LabHost> {
  const holder = await startHolder(options);
  const run = (argv: readonly string[], more?: CommandOptions): Promise<CommandResult> =>
    runCommand(holder.pid, argv, more);
  const start = (argv: readonly string[], more?: CommandOptions): Promise<RunningCommand> =>
    startCommand(holder.pid, argv, more);
  const cgroup = basename(dirname(options.scratch));
  const dockerd: Dockerd = makeDockerd({ run, start }, cgroup);
  return {
    name: options.name,
    addresses,
    holderPid: holder.pid,
    cgroup,
    path: (path) => join(`/proc/${holder.pid}/root`, path),
    run,
    start,
    startDockerd: dockerd.start,
    stopDockerd: dockerd.stop,
    dockerdLogs: dockerd.logs,
    startKeyring: (password) => startKeyring({ run, start }, password),
    hashTree: async () => hashTree(holder.pid),
    release: holder.release,
  };
}
