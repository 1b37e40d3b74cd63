import { expect, test } from "vitest";
import { parseDuration } from "../../src/enrollment/duration.ts";

const HOUR = 3_600_000;

test.each([
  ["14d", 14 * 24 * HOUR],
  ["2w", 14 * 24 * HOUR],
  ["36h", 36 * HOUR],
  ["90m", 1.5 * HOUR],
  ["0s", 0],
  ["P14D", 14 * 24 * HOUR],
  ["P2W", 14 * 24 * HOUR],
  ["PT36H", 36 * HOUR],
  ["P1DT12H", 36 * HOUR],
  ["PT1H30M15S", 1.5 * HOUR + 15_000],
  ["3650d", 3650 * 24 * HOUR],
  ["3651d", undefined],
  ["P1M", undefined],
  ["P1Y", undefined],
  ["P", undefined],
  ["PT", undefined],
  ["P1DT", undefined],
  ["14", undefined],
  ["14 d", undefined],
  ["-1d", undefined],
  ["1.5d", undefined],
  ["", undefined],
  ["99999999999d", undefined],
])("%j is %j", (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});
