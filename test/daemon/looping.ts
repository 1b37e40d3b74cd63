import { setImmediate as turn } from "node:timers/promises";
import { createReconcileLoop, type ReconcileLoop } from "../../src/daemon/reconcile-loop.ts";
import type { LoopParts } from "../../src/daemon/loop-state.ts";
import type { PassedRegistry, PassReport } from "../../src/daemon/pass-report.ts";
import { parseSettings } from "../../src/daemon/settings.ts";
import type { Clock } from "../../src/host/ports.ts";
import { success } from "../../src/result.ts";
import { valueOf } from "../support/registry-client.ts";

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Lets time pass, and all that becomes due in it happen. */
  pass(milliseconds: number): Promise<void>;
}

/** The clock, at a time of its own. */
export function makeFakeClock(): FakeClock {
  let time = 0;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const settle = async (): Promise<void> => {
    for (let count = 0; count < 20; count++) await turn();
  };
  return {
    now: () => 1_800_000_000_000 + time,
    elapsed: () => time,
    sleep: async (milliseconds, signal) => {
      if (signal?.aborted === true) return;
      await new Promise<void>((resolve) => {
        const sleeper = { at: time + milliseconds, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          resolve();
        });
      });
    },
    pass: async (milliseconds) => {
      const end = time + milliseconds;
      await settle();
      for (;;) {
        const next = [...sleepers].sort((one, other) => one.at - other.at)[0];
        if (next === undefined || next.at > end) break;
        time = Math.max(time, next.at);
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      time = end;
      await settle();
    },
  };
}

/** A pass that changed nothing. */
export const unchanged: PassedRegistry = { healed: [], anchors: [], leaf: undefined, pending: [] };

/** A loop on a fake clock, and all that it did, in order. */
export interface Looping {
  readonly loop: ReconcileLoop;
  readonly clock: FakeClock;
  /** `heal a`, `follow a` as they begin. */
  readonly done: string[];
  readonly reports: PassReport[];
  readonly logged: string[];
  readonly listed: (readonly string[])[];
  /** The loop's own end. */
  readonly ended: Promise<void>;
}

/** Starts a loop over `declared`, whose passes change nothing unless `parts` say otherwise. */
export function startLooping(declared: readonly string[], parts: Partial<LoopParts> = {}, yaml = ""): Looping {
  const clock = makeFakeClock();
  const [done, reports, logged]: [string[], PassReport[], string[]] = [[], [], []];
  const listed: (readonly string[])[] = [];
  const settings = valueOf(parseSettings(`version: 1\nreconcile: { jitter: 0, startSpread: 10s, ${yaml} }\n`));
  const { heal = async () => success(unchanged), follow = async () => success(unchanged), ...others } = parts;
  const loop = createReconcileLoop(
    {
      clock,
      log: (level, message, fields = {}) => void logged.push(`${level} ${message} ${String(fields["registry"] ?? "")}`),
      random: () => 0.5,
      list: async () => ({ declared, enrolled: declared }),
      recall: async () => undefined,
      onPass: (report) => void reports.push(report),
      onListed: (keys) => void listed.push(keys),
      ...others,
      heal: async (key, signal) => {
        done.push(`heal ${key}`);
        return heal(key, signal);
      },
      follow: async (key, signal) => {
        done.push(`follow ${key}`);
        return follow(key, signal);
      },
    },
    settings.reconcile,
  );
  return { loop, clock, done, reports, logged, listed, ended: loop.run() };
}
