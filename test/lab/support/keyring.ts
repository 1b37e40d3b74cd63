import type { CommandRunner } from "./docker.ts";
import type { RunningCommand } from "./command.ts";

/** A desktop session's Secret Service inside a host. */
export interface Keyring {
  /** To be given to the commands that are to find it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 10_000;

/** Starts a session bus and a GNOME keyring whose login keyring is unlocked with `password`, as a graphical login does. */
export async function startKeyring(runner: CommandRunner, password: string): Promise<Keyring> {
  const runtime = "/run/user/0";
  await mustRun(runner, ["install", "-d", "-m", "0700", runtime], {});
  const address = `unix:path=${runtime}/bus`;
  const env = { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime };
  const bus = await runner.start(["dbus-daemon", "--session", "--nofork", "--nopidfile", `--address=${address}`], {
    env,
  });
  await waitUntil(() => replies(runner, env, "org.freedesktop.DBus"), bus);
  const daemon = await runner.start(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], {
    env,
    stdin: password,
  });
  await waitUntil(() => replies(runner, env, "org.freedesktop.secrets"), daemon);
  return {
    env,
    stop: async () => {
      await daemon.stop();
      await bus.stop();
    },
  };
}

/** True when `service` has an owner on the bus: asking for it would have the bus start another one. */
async function replies(
  runner: CommandRunner,
  env: Readonly<Record<string, string>>,
  service: string,
): Promise<boolean> {
  const call = ["org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner"];
  const [destination, path, member] = call;
  const argv = ["dbus-send", "--session", "--print-reply", `--dest=${destination}`, `${path}`, `${member}`];
  const { code, stdout } = await runner.run([...argv, `string:${service}`], { env, timeoutMs: 5000 });
  return code === 0 && stdout.includes("boolean true");
}

async function waitUntil(holds: () => Promise<boolean>, daemon: RunningCommand): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  while (Date.now() < limit) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`the keyring did not start:\n${daemon.output()}`);
}

async function mustRun(
  runner: CommandRunner,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { code, stderr } = await runner.run(argv, { env });
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
}
