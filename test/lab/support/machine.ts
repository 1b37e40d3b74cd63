import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readChildren, runCommand, type CommandOptions, type CommandResult, type RunningCommand } from "./command.ts";
import { checkout } from "./holder.ts";
import type { LabHost } from "./host.ts";

/** A machine with systemd as its first process, the checkout's units, and the network of a lab host. */
export interface Machine {
  /** Of its first process, as seen from outside. */
  initPid(): number;
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** The stdout of a command that must go well. */
  must(argv: readonly string[], options?: CommandOptions): Promise<string>;
  /** Where a test outside reads and writes the machine's `path`. */
  path(path: string): string;
  /** Switches it off as a person would, and on again; what it wrote is kept, but for /run and /tmp. */
  reboot(): Promise<void>;
}

/** Whether the checkout's program and units are in it, or nothing is. */
export type MachineKind = "installed" | "bare";

const START_LIMIT_MS = 60_000;

/** Boots the machine in a lab host that was made with a tree. It ends with the host, however that ends. */
export async function bootMachine(host: LabHost, kind: MachineKind = "installed"): Promise<Machine> {
  let booted = await boot(host, kind);
  const run: Machine["run"] = async (argv, options) => runCommand(booted.pid, argv, options);
  const must: Machine["must"] = async (argv, options) => {
    const { code, stdout, stderr } = await run(argv, options);
    if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  return {
    initPid: () => booted.pid,
    run,
    must,
    path: (path) => join(`/proc/${booted.pid}/root`, path),
    reboot: async () => {
      await must(["systemctl", "poweroff"]);
      await booted.container.ended;
      booted = await boot(host, kind);
    },
  };
}

interface Booted {
  readonly container: RunningCommand;
  /** Of systemd, as seen from outside. */
  readonly pid: number;
}

async function boot(host: LabHost, kind: MachineKind): Promise<Booted> {
  const script = resolve(import.meta.dirname, "machine-boot.sh");
  const container = await host.start(["sh", script, host.cgroup, host.name, checkout, kind]);
  let ended = false;
  void container.ended.then(() => (ended = true));
  for (const limit = Date.now() + START_LIMIT_MS; !ended && Date.now() < limit;) {
    const pid = findInit(container.pid);
    if (pid !== undefined && (await isRunning(pid))) return { container, pid };
    await new Promise((done) => setTimeout(done, 50));
  }
  await container.stop();
  throw new Error(`the machine did not boot:\n${container.output()}`);
}

/** The child of systemd-nspawn, which is the child of unshare: it becomes systemd as soon as all is mounted. */
function findInit(unshare: number): number | undefined {
  return readChildren(unshare)
    .flatMap(readChildren)
    .find((pid) => commandName(pid) === "systemd");
}

function commandName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await runCommand(pid, ["systemctl", "is-system-running", "--wait"], { timeoutMs: START_LIMIT_MS });
  return /^(running|degraded)$/m.test(stdout);
}
