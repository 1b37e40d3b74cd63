import { parseSettings } from "../../src/daemon/settings.ts";
import type { Scenario } from "./schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A scenario, and the stretches of it that are worth a row, in seconds from its begin. */
export interface NamedScenario extends Scenario {
  readonly name: string;
  readonly stretches: readonly { readonly name: string; readonly from: number; readonly to: number }[];
}

type Fleet = Pick<Scenario, "agents" | "settings">;

/** What can happen to `agents` hosts with the default schedule. */
export function listScenarios(agents: number): readonly NamedScenario[] {
  const parsed = parseSettings("version: 1\n");
  if (!parsed.ok) throw new Error(parsed.problem.cause);
  const fleet = { agents, settings: parsed.value.reconcile };
  return [startTogether(fleet), enrolTogether(fleet), cutPower(fleet), loseRegistry(fleet), rotate(fleet)];
}

function startTogether(fleet: Fleet): NamedScenario {
  return {
    ...fleet,
    name: "all started together",
    lengthMs: DAY,
    startsAt: () => 0,
    stretches: [
      { name: "first 2 minutes", from: 0, to: 120 },
      { name: "to 15 minutes", from: 120, to: 900 },
      { name: "to an hour", from: 900, to: 3600 },
      { name: "to a day", from: 3600, to: 86_400 },
    ],
  };
}

function enrolTogether(fleet: Fleet): NamedScenario {
  return {
    ...fleet,
    name: "all new and started together, each to be enrolled",
    lengthMs: HOUR,
    startsAt: () => 0,
    firstWithinMs: 30_000,
    stretches: [
      { name: "first 30 seconds", from: 0, to: 30 },
      { name: "to 15 minutes", from: 30, to: 900 },
    ],
  };
}

function cutPower(fleet: Fleet): NamedScenario {
  return {
    ...fleet,
    name: "power cut: all boot within a minute, the registry is back after ten",
    lengthMs: 6 * HOUR,
    startsAt: (random) => random() * MINUTE,
    isDown: (time) => time < 10 * MINUTE,
    stretches: [
      { name: "while it is down", from: 0, to: 600 },
      { name: "first minute after", from: 600, to: 660 },
      { name: "to half an hour after", from: 660, to: 2400 },
      { name: "later", from: 2400, to: 21_600 },
    ],
  };
}

function loseRegistry(fleet: Fleet): NamedScenario {
  return {
    ...fleet,
    name: "the registry is away for an hour",
    lengthMs: 6 * HOUR,
    startsAt: startLongAgo,
    isDown: (time) => time >= HOUR && time < 2 * HOUR,
    stretches: [
      { name: "before", from: 0, to: 3600 },
      { name: "first 15 minutes away", from: 3600, to: 4500 },
      { name: "rest of the hour", from: 4500, to: 7200 },
      { name: "first half hour after", from: 7200, to: 9000 },
      { name: "later", from: 9000, to: 21_600 },
    ],
  };
}

function rotate(fleet: Fleet): NamedScenario {
  return {
    ...fleet,
    name: "rotation: the certificate ends after 30 hours, its successor is served after 24",
    lengthMs: 30 * HOUR,
    startsAt: startLongAgo,
    endsAt: (time) => (time < DAY ? 30 * HOUR : 400 * DAY),
    stretches: [
      { name: "more than a day before its end", from: 0, to: 21_600 },
      { name: "in the last day", from: 22_500, to: 86_400 },
      { name: "first 15 minutes with the successor", from: 86_400, to: 87_300 },
      { name: "later", from: 87_300, to: 108_000 },
    ],
  };
}

/** Over two hours, ten hours before the scenario begins. */
function startLongAgo(random: () => number): number {
  return -10 * HOUR - random() * 2 * HOUR;
}
