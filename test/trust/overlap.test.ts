import { expect, test } from "vitest";
import { reviewAnchors, type AnchorUse, type OverlapContext } from "../../src/trust/overlap.ts";
import { makeLeaf, type Identity } from "../support/pki.ts";

const DAY = 86_400_000;
const now = Date.now();
const names = { dns: ["reg.test"], notAfter: now + 800 * DAY };
const [old, fresh] = [makeLeaf({ commonName: "old", ...names }), makeLeaf({ commonName: "new", ...names })];

function use({ certificate }: Identity, lastNeeded?: number, unneededSince?: number): AnchorUse {
  return { certificate, lastNeeded, unneededSince };
}

/** What becomes of the anchors, times in days from now. */
function review(anchors: readonly AnchorUse[], changes: Partial<OverlapContext> = {}): readonly string[] {
  const name = { host: "reg.test", isAddress: false };
  const context = { served: [fresh.certificate], name, now, graceMs: 14 * DAY, ...changes };
  const days = (time: number | undefined): string => (time === undefined ? "never" : String((time - now) / DAY));
  return reviewAnchors(anchors, context).map(({ certificate, lastNeeded, unneededSince, isRetired }) => {
    const since = unneededSince === undefined ? "" : `, not since ${days(unneededSince)}`;
    return `${certificate.commonName}: needed ${days(lastNeeded)}${since}${isRetired ? ", retired" : ""}`;
  });
}

const year = 365;
const rows: readonly (readonly [string, readonly AnchorUse[], Partial<OverlapContext>, readonly string[]])[] = [
  ["needed for the first time", [use(fresh)], {}, ["new: needed 0"]],
  ["needed today already", [use(fresh, now - DAY / 2)], {}, ["new: needed -0.5"]],
  ["needed a day later", [use(fresh, now - DAY)], {}, ["new: needed 0"]],
  ["needed again", [use(fresh, now - 3 * DAY, now - 2 * DAY)], {}, ["new: needed 0"]],
  [
    "not needed, seen within a day of when it was",
    [use(old, now - DAY / 2), use(fresh, now)],
    {},
    ["old: needed -0.5", "new: needed 0"],
  ],
  ["not needed", [use(old, now - DAY), use(fresh, now)], {}, ["old: needed -1, not since 0", "new: needed 0"]],
  [
    "not needed within the grace",
    [use(old, now - 15 * DAY, now - 13 * DAY), use(fresh, now)],
    {},
    ["old: needed -15, not since -13", "new: needed 0"],
  ],
  [
    "not needed for the grace",
    [use(old, now - 15 * DAY, now - 14 * DAY), use(fresh, now)],
    {},
    ["old: needed -15, not since -14, retired", "new: needed 0"],
  ],
  [
    "never seen, from a record of before",
    [use(old), use(fresh)],
    {},
    ["old: needed never, not since 0", "new: needed 0"],
  ],
  [
    "no grace at all",
    [use(old, now), use(fresh, now)],
    { graceMs: 0 },
    ["old: needed 0, not since 0, retired", "new: needed 0"],
  ],
  [
    "the clock jumps a year ahead: nothing goes",
    [use(old, now), use(fresh, now)],
    { now: now + year * DAY },
    [`old: needed 0, not since ${year}`, `new: needed ${year}`],
  ],
  [
    "and comes back: it is as before",
    [use(old, now, now + year * DAY), use(fresh, now + year * DAY)],
    {},
    [`old: needed 0, not since ${year}`, "new: needed 0"],
  ],
  [
    "the last ones, none of which verifies, all stay as they are",
    [use(old, now - 99 * DAY, now - 98 * DAY)],
    {},
    ["old: needed -99, not since -98"],
  ],
  [
    "the last one that verifies stays, however old",
    [use(fresh, now - 99 * DAY, now - 98 * DAY)],
    {},
    ["new: needed 0"],
  ],
];

test.each(rows)("%s", (_, anchors, changes, expected) => {
  expect(review(anchors, changes)).toEqual(expected);
});
