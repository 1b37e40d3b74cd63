import { nextTime, type ScheduleInput, type ScheduleSettings } from "../../src/daemon/schedule.ts";

/** What happens to a fleet. Times are milliseconds since the scenario's begin. */
export interface Scenario {
  readonly agents: number;
  readonly settings: ScheduleSettings;
  readonly lengthMs: number;
  /** When the n-th agent's daemon starts; agents in their stride began long before 0. */
  readonly startsAt: (random: () => number) => number;
  /** How long after a start the first question comes; undefined: as the schedule has it. */
  readonly firstWithinMs?: number;
  /** Whether the registry does not answer. */
  readonly isDown?: (time: number) => boolean;
  /** When the certificate ends that is served at a time. */
  readonly endsAt?: (time: number) => number;
}

/** How often the fleet asks, second by second from the scenario's begin, and how often it is answered. */
export interface Asked {
  readonly all: Uint32Array;
  readonly answered: Uint32Array;
}

/**
 * Plays the daemon's own schedule for every agent; a pass takes no time, which is when agents keep in step best. The same
 * seed gives the same numbers.
 */
export function simulate(scenario: Scenario, seed: number): Asked {
  const seconds = Math.ceil(scenario.lengthMs / 1000);
  const asked: Asked = { all: new Uint32Array(seconds), answered: new Uint32Array(seconds) };
  const random = makeRandom(seed);
  for (let agent = 0; agent < scenario.agents; agent += 1) playAgent(scenario, random, asked);
  return asked;
}

/** Mulberry32: quick, and even enough for load. */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function playAgent(scenario: Scenario, random: () => number, { all, answered }: Asked): void {
  const { settings, lengthMs, firstWithinMs, isDown, endsAt } = scenario;
  const next = (now: number, last: ScheduleInput["last"], failures: number): number =>
    nextTime({ now, last, failures, random: random(), expiries: endsAt === undefined ? [] : [endsAt(now)] }, settings);
  const start = scenario.startsAt(random);
  let time = firstWithinMs === undefined ? next(start, "started", 0) : start + random() * firstWithinMs;
  let [failures, hasPassed] = [0, false];
  while (time < lengthMs) {
    const isAnswered = isDown?.(time) !== true;
    count(all, time);
    if (isAnswered) count(answered, time);
    failures = isAnswered ? 0 : failures + 1;
    time = next(time, isAnswered ? (hasPassed ? "passed" : "first") : "failed", failures);
    hasPassed ||= isAnswered;
  }
}

function count(seconds: Uint32Array, time: number): void {
  const second = Math.floor(time / 1000);
  if (second >= 0) seconds[second] = (seconds[second] ?? 0) + 1;
}
