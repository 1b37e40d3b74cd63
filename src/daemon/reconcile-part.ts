import type { Pass, Watcher } from "../enrollment/pass.ts";
import { success, type Result } from "../result.ts";
import { createChangeWatch } from "./change-watch.ts";
import type { Log } from "./log.ts";
import type { PassReport } from "./pass-report.ts";
import { createReconcileLoop } from "./reconcile-loop.ts";
import { createRegistryPasses } from "./registry-passes.ts";
import type { DaemonPart, RunningPart } from "./run-daemon.ts";
import { readSettings } from "./settings.ts";

/** What keeps the host as declared is made of. */
export interface ReconcilePartOptions {
  readonly pass: Pass;
  readonly log: Log;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly onPass: (report: PassReport) => void;
}

/** The loop over all registries, as a part of the daemon. */
export function createReconcilePart(options: ReconcilePartOptions): DaemonPart {
  return { name: "reconcile", start: async () => start(options) };
}

async function start({ pass, log, random, onPass }: ReconcilePartOptions): Promise<Result<RunningPart>> {
  const { files, clock } = pass.host;
  const settings = await readSettings(files);
  if (!settings.ok) return settings;
  const tellNote = createNotes(log, () => clock.now());
  const passes = createRegistryPasses(pass, (key, signal) => ({
    ...pass,
    host: { ...pass.host, signal },
    watch: createWatcher(key, log, tellNote),
  }));
  const loop = createReconcileLoop(
    { clock, log, random, onPass, ...passes, onListed: (keys) => void watch.follow(keys) },
    settings.value.reconcile,
  );
  const watch = createChangeWatch(files, (wish) => loop.wake(wish), log);
  // whatever throws here is a bug, and ends the daemon
  void loop.run();
  return success({
    status: "keeping this host as declared",
    isAlive: async () => loop.isAlive(),
    reload: async () => {
      const next = await readSettings(files);
      if (!next.ok) return next;
      loop.use(next.value.reconcile);
      loop.wake({ wake: "reload", kind: "all" });
      return success(undefined);
    },
    stop: async (graceMs) => {
      await Promise.all([loop.stop(graceMs), watch.close()]);
    },
  });
}

type TellNote = (key: string, text: string) => void;

function createWatcher(key: string, log: Log, tellNote: TellNote): Watcher {
  return {
    begin: () => undefined,
    note: (text) => tellNote(key, text),
    waiting: (heldBy) => log("info", "waiting for the lock", { registry: key, holder: heldBy }),
    recovered: ({ command, outcome, left }) =>
      log("notice", `an interrupted run was ${outcome === "undone" ? "put back" : "finished"}`, {
        command,
        left: left.join(","),
      }),
  };
}

const DAY = 86_400_000;

/** Every pass makes the same notes: each is told once a day. */
function createNotes(log: Log, now: () => number): TellNote {
  const told = new Map<string, number>();
  return (key, text) => {
    for (const [note, at] of told) if (now() - at >= DAY) told.delete(note);
    const note = `${key} ${text}`;
    if (!told.has(note)) log("notice", text, { registry: key });
    told.set(note, told.get(note) ?? now());
  };
}
