import type { CommandResult, RunningCommand } from "./command.ts";
import type { CommandRunner } from "./docker.ts";

const START_LIMIT_MS = 30_000;

/** containerd of one host, as a service of its own beside dockerd's. */
export interface Containerd {
  /** What ctr does in the namespace `lab`. A password goes to its prompt: it takes none in any other way but arguments. */
  ctr(args: readonly string[], password?: string): Promise<CommandResult>;
  stop(): Promise<void>;
}

/** Starts containerd with the host's own configuration. */
export async function startContainerd(runner: CommandRunner): Promise<Containerd> {
  const daemon = await runner.start(["containerd"]);
  await waitForSocket(runner, daemon);
  return {
    ctr: (args, password) => {
      const argv = ["ctr", "--namespace", "lab", ...args];
      if (password === undefined) return runner.run(argv);
      // ctr asks at a terminal
      const line = argv.map((each) => `'${each}'`).join(" ");
      return runner.run(["script", "--quiet", "--return", "--command", line, "/dev/null"], { stdin: `${password}\n` });
    },
    stop: async () => void (await daemon.stop()),
  };
}

async function waitForSocket(runner: CommandRunner, daemon: RunningCommand): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  let ended = false;
  void daemon.ended.then(() => (ended = true));
  while (!ended && Date.now() < limit) {
    if ((await runner.run(["ctr", "version"], { timeoutMs: 10_000 })).code === 0) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`containerd did not start:\n${daemon.output().slice(-4000)}`);
}
