import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { measureRates } from "../../scripts/fleet-simulation/measures.ts";
import { listScenarios } from "../../scripts/fleet-simulation/scenarios.ts";
import { simulate } from "../../scripts/fleet-simulation/schedule.ts";
import { nextTime, type ScheduleInput } from "../../src/daemon/schedule.ts";
import { parseSettings } from "../../src/daemon/settings.ts";
import { valueOf } from "../support/registry-client.ts";

const settings = valueOf(parseSettings("version: 1\n")).reconcile;
const MINUTE = 60_000;
const DAY = 86_400_000;
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const input: fc.Arbitrary<ScheduleInput> = fc.record({
  now: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  last: fc.constantFrom("started", "first", "passed", "failed"),
  failures: fc.nat(10_000),
  random,
  expiries: fc.array(fc.integer({ min: 0, max: 4_102_444_800_000 }), { maxLength: 3 }),
});

function wait(more: Partial<ScheduleInput>): number {
  return nextTime({ now: 0, last: "passed", failures: 0, random: 0.5, expiries: [], ...more }, settings);
}

test("the next time is never now or in the past, and never further off than the settings allow", () => {
  fc.assert(
    fc.property(input, (each) => {
      const delay = nextTime(each, settings) - each.now;
      expect(delay).toBeGreaterThan(0);
      expect(delay).toBeLessThanOrEqual(Math.max(settings.intervalMs * (1 + settings.jitter), settings.retryMostMs));
    }),
  );
});

test("two hosts in the same position with other random numbers are spread in proportion to them", () => {
  fc.assert(
    fc.property(input, random, (one, other) => {
      const apart = Math.abs(nextTime(one, settings) - nextTime({ ...one, random: other }, settings));
      expect(apart).toBeGreaterThanOrEqual(Math.abs(one.random - other) * 15_000 * 0.99 - MINUTE / 60);
    }),
  );
});

test("ten thousand hosts that are switched on together do not ask in the same second", () => {
  const seconds = new Map<number, number>();
  for (let host = 0; host < 10_000; host++) {
    const second = Math.floor(wait({ last: "started", random: host / 10_000 }) / 1000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  expect(Math.max(...seconds.values())).toBeLessThan(100);
});

describe("the back-off", () => {
  test.each([
    [1, 15_000, 30_000],
    [2, 30_000, MINUTE],
    [3, MINUTE, 2 * MINUTE],
    [7, 15 * MINUTE, 30 * MINUTE],
    [5000, 15 * MINUTE, 30 * MINUTE],
  ])("after failure %i it is from %i to %i ms", (failures, least, most) => {
    expect(wait({ last: "failed", failures, random: 0 })).toBe(least);
    expect(wait({ last: "failed", failures, random: 1 - Number.EPSILON })).toBeCloseTo(most, -1);
  });
});

describe("after a pass that went well", () => {
  test.each([
    ["nothing ends soon", [], 15 * MINUTE],
    ["a certificate ends in a week", [7 * DAY], 15 * MINUTE],
    ["a certificate ends today", [7 * DAY, DAY / 2], 3.75 * MINUTE],
    ["one has ended already", [-1], 15 * MINUTE],
  ])("%s", (_, expiries, expected) => {
    expect(wait({ expiries })).toBe(expected);
  });
});

// in their stride, two thousand hosts ask 2.2 times a second
test.each([
  ["all started together", [20, 4, 3, 3]],
  ["all new and started together, each to be enrolled", [80, 4]],
  ["power cut: all boot within a minute, the registry is back after ten", [50, 5, 12, 4]],
  ["the registry is away for an hour", [3, 15, 12, 4, 4]],
  ["rotation: the certificate ends after 30 hours, its successor is served after 24", [4, 11, 11, 8]],
])("a fleet does not march in step: %s", (name, bounds) => {
  const scenario = listScenarios(2000).find((each) => each.name === name);
  if (scenario === undefined) throw new Error("no such scenario");
  const { all } = simulate(scenario, 1);
  const busiest = scenario.stretches.map(({ from, to }) => measureRates(all, from, to).busiestMinute);
  expect(busiest.filter((rate, index) => rate > (bounds[index] ?? 0))).toEqual([]);
});
