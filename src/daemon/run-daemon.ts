import type { Clock } from "../host/ports.ts";
import { success, type Result } from "../result.ts";
import type { Log } from "./log.ts";

/** Something the daemon does for as long as it runs. */
export interface DaemonPart {
  readonly name: string;
  /** Begins; when it has settled, the part does its work. `signal` fires when the daemon is to stop. */
  start(signal: AbortSignal): Promise<Result<RunningPart>>;
}

/** A part at work. */
export interface RunningPart {
  /** What it does, for `systemctl status`. */
  readonly status: string;
  /** A trial, or a look at what was done since the last time: true when the part gets on with its work. */
  isAlive(): Promise<boolean>;
  /** Reads its configuration again and does what follows; with one that is wrong, goes on with what it had. */
  reload?(): Promise<Result<void>>;
  /** Ends what is under way within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** What the daemon needs of the world. */
export interface DaemonWorld {
  readonly clock: Clock;
  readonly log: Log;
  /** Tells systemd (sd_notify(3)); does nothing without one. */
  readonly notify: (message: string) => void;
  /** Microseconds, as WATCHDOG_USEC; undefined where nobody watches. */
  readonly watchdogUsec: number | undefined;
  /** Fires on SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
  /** Calls `listener` at each SIGHUP. */
  readonly onReload: (listener: () => void) => void;
  /** CLOCK_MONOTONIC in microseconds: by it, systemd knows which reload is meant. */
  readonly monotonicUsec: () => bigint;
}

/** Finished well within the two seconds that stopping may take. */
const GRACE_MS = 1000;

/** Runs the parts side by side until `signal` fires. A part that cannot begin stops the others, and is the Problem. */
export async function runDaemon(parts: readonly DaemonPart[], world: DaemonWorld): Promise<Result<void>> {
  const { log, notify, signal } = world;
  const running: RunningPart[] = [];
  for (const part of parts) {
    const started = await part.start(signal);
    if (!started.ok) {
      await stopAll(running);
      return started;
    }
    log("notice", "started", { part: part.name, status: started.value.status });
    running.push(started.value);
  }
  const ready = `READY=1\nSTATUS=${running.map(({ status }) => status).join("; ")}`;
  notify(ready);
  world.onReload(() => void reload(running, ready, world));
  await Promise.race([keepWatch(parts, running, world), untilAborted(signal)]);
  notify("STOPPING=1\nSTATUS=stopping");
  await stopAll(running);
  log("notice", "stopped");
  return success(undefined);
}

/** Every half of the time systemd allows: a sign of life, given only while every part gets on. */
async function keepWatch(
  parts: readonly DaemonPart[],
  running: readonly RunningPart[],
  { clock, log, notify, signal, watchdogUsec }: DaemonWorld,
): Promise<void> {
  if (watchdogUsec === undefined) return untilAborted(signal);
  while (!signal.aborted) {
    const alive = await Promise.all(running.map(async (part) => part.isAlive()));
    const stuck = parts.filter((_, index) => alive[index] !== true).map(({ name }) => name);
    if (stuck.length === 0) notify("WATCHDOG=1");
    else log("error", "no sign of life for systemd, because a part is stuck", { parts: stuck.join(",") });
    await clock.sleep(watchdogUsec / 2000, signal);
  }
}

/** sd_notify(3), for Type=notify-reload: ready again even with a wrong file, which the log tells. */
async function reload(running: readonly RunningPart[], ready: string, world: DaemonWorld): Promise<void> {
  const { log, monotonicUsec, notify, signal } = world;
  if (signal.aborted) return;
  notify(`RELOADING=1\nMONOTONIC_USEC=${monotonicUsec()}\nSTATUS=reading the configuration again`);
  const results = await Promise.all(running.map(async (part) => part.reload?.()));
  const wrong = results.flatMap((result) => (result?.ok === false ? [result.problem] : []));
  for (const { code, summary, cause } of wrong)
    log("error", `${summary}; nothing of it was taken over`, { code, cause });
  if (wrong.length === 0) log("notice", "reloaded");
  if (!signal.aborted) notify(ready);
}

async function stopAll(running: readonly RunningPart[]): Promise<void> {
  await Promise.allSettled(running.map(async (part) => part.stop(GRACE_MS)));
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
