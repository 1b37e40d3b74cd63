import { runAnnounced, type CrashSetup } from "./crash-machine.ts";

/** When this process is to die: before change number `at` (from 1), or with half of it made. */
export interface KillPoint extends CrashSetup {
  readonly at: number;
  readonly torn: boolean;
}

const { at, torn, ...setup } = JSON.parse(process.argv[2] ?? "") as KillPoint;
let calls = 0;
process.exitCode = await runAnnounced(process.argv.slice(3), setup, async (_, tear) => {
  calls += 1;
  if (calls !== at) return;
  if (torn) tear?.();
  process.kill(process.pid, "SIGKILL");
  // a signal to oneself may come a moment later
  await new Promise(() => undefined);
});
