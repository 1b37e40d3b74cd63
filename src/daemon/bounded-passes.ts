import { problem, type Problem } from "../findings/problem.ts";
import type { Clock } from "../host/ports.ts";
import { failure, type Result } from "../result.ts";
import type { Log } from "./log.ts";

/** Passes under way, each of which can be stopped. */
export interface BoundedPasses {
  /**
   * Runs a pass that is told to stop after `limitMs`; it is `overdue` then. A bug in it is logged, and is a failure:
   * it must not take the other registries, or the logins, with it.
   */
  run<T>(
    key: string,
    limitMs: number,
    overdue: () => Problem,
    work: (signal: AbortSignal) => Promise<Result<T>>,
  ): Promise<Result<T>>;
  /** Tells all to stop, and waits for them for at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** No pass is under way yet. */
export function createBoundedPasses(clock: Clock, log: Log): BoundedPasses {
  const running = new Map<AbortController, Promise<unknown>>();
  return {
    run: async (key, limitMs, overdue, work) => {
      const control = new AbortController();
      const timer = new AbortController();
      let isOverdue = false;
      const watchTime = async (): Promise<void> => {
        await clock.sleep(limitMs, timer.signal);
        if (timer.signal.aborted) return;
        isOverdue = true;
        control.abort();
      };
      void watchTime();
      const pass = work(control.signal).catch((error: unknown) => failure(explainBug(key, error, log)));
      running.set(control, pass);
      const result = await pass;
      running.delete(control);
      timer.abort();
      return !result.ok && isOverdue ? failure(overdue()) : result;
    },
    stop: async (graceMs) => {
      for (const control of running.keys()) control.abort();
      await Promise.race([Promise.all(running.values()), clock.sleep(graceMs)]);
    },
  };
}

function explainBug(key: string, error: unknown, log: Log): Problem {
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  for (const line of stack.split("\n")) log("error", line.trim(), { registry: key });
  return problem("RC-HST-040", { name: key, reason: message });
}
