/** How often a registry is looked at. Milliseconds; `jitter` is a share of the interval, 0 to 1. */
export interface ScheduleSettings {
  readonly intervalMs: number;
  readonly jitter: number;
  readonly retryFirstMs: number;
  readonly retryMostMs: number;
  readonly startSpreadMs: number;
}

/** What the next time is reckoned from. */
export interface ScheduleInput {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `started`: the daemon began, and has not looked yet. `first`: the first pass since then that went well. */
  readonly last: "started" | "first" | "passed" | "failed";
  /** How many passes have failed in a row, the last one included. */
  readonly failures: number;
  /** At least 0, less than 1; another one each time. */
  readonly random: number;
  /** When the certificates that matter end, milliseconds since the epoch. */
  readonly expiries: readonly number[];
}

const DAY = 86_400_000;
// in the last day before a certificate ends, its successor is looked for as much more often
const HURRY = 4;
const LEAST_MS = 1000;

/**
 * When to look at a registry next, milliseconds since the epoch: always later than now. Ten thousand hosts that were
 * switched on at once, or that lost the same registry at once, are spread out by their random numbers: over the start,
 * and then over a whole interval, as otherwise they would come back in waves for hours.
 */
export function nextTime(input: ScheduleInput, settings: ScheduleSettings): number {
  const { now, last, random } = input;
  if (last === "started") return now + Math.max(1, random * settings.startSpreadMs);
  return now + Math.max(LEAST_MS, last === "failed" ? backOff(input, settings) : regular(input, settings));
}

/** Twice as long after each failure, up to a bound, and of that the half to the whole. */
function backOff({ failures, random }: ScheduleInput, { retryFirstMs, retryMostMs }: ScheduleSettings): number {
  const doubled = retryFirstMs * 2 ** Math.min(Math.max(failures - 1, 0), 30);
  return Math.min(doubled, retryMostMs) * (0.5 + random / 2);
}

function regular({ now, last, random, expiries }: ScheduleInput, { intervalMs, jitter }: ScheduleSettings): number {
  const ends = expiries.filter((time) => time > now);
  const isNear = ends.some((time) => time - now < DAY);
  return (isNear ? intervalMs / HURRY : intervalMs) * (last === "first" ? random : 1 + jitter * (2 * random - 1));
}
