import type { CommandOptions, CommandResult, RunningCommand } from "./command.ts";

/** The Docker engine of one host. */
export interface Dockerd {
  /** `environment` is added to that of every command. */
  start(environment?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
  /** What it has logged since its last start. */
  logs(): string;
}

/** The two ways of running a command that the engine needs of its host. */
export interface CommandRunner {
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  start(argv: readonly string[], options?: CommandOptions): Promise<RunningCommand>;
}

const START_LIMIT_MS = 30_000;

/**
 * The Docker engine of the host behind `runner`; not yet started. It starts its own containerd. The cgroups of its
 * containers are below `cgroup`: the cgroup tree is the machine's, and forgets nothing by itself.
 */
export function makeDockerd(runner: CommandRunner, cgroup: string): Dockerd {
  let daemon: RunningCommand | undefined;
  return {
    start: async (environment = {}) => {
      if (daemon !== undefined) throw new Error("dockerd runs already");
      // No bridge and no filter rules: containers need no network here, and /proc/sys stays as it is.
      const flags = ["--bridge=none", "--iptables=false", "--ip6tables=false"];
      daemon = await runner.start(["dockerd", ...flags, `--cgroup-parent=/${cgroup}`], { env: environment });
      await waitForSocket(runner, daemon);
    },
    stop: async () => {
      await daemon?.stop();
      daemon = undefined;
    },
    logs: () => daemon?.output() ?? "",
  };
}

async function waitForSocket(runner: CommandRunner, daemon: RunningCommand): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  let ended = false;
  void daemon.ended.then(() => (ended = true));
  while (!ended && Date.now() < limit) {
    if (daemon.output().includes("API listen on")) {
      const { code } = await runner.run(["docker", "version", "--format", "{{.Server.Version}}"], {
        timeoutMs: 10_000,
      });
      if (code === 0) return;
    }
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`dockerd did not start:\n${daemon.output().slice(-4000)}`);
}
