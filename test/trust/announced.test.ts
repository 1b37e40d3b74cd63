import * as fc from "fast-check";
import { expect, test } from "vitest";
import { followSource, type AnnouncedContext, type Remembered, type SourceAnswer } from "../../src/trust/announced.ts";
import type { Certificate } from "../../src/trust/certificate.ts";
import { showDuration } from "../../src/trust/show-duration.ts";
import { makeCA, makeLeaf } from "../support/pki.ts";

const HOUR = 3_600_000;
const now = Date.UTC(2026, 10, 24);
const lasting = { dns: ["reg.test"], notBefore: now - HOUR, notAfter: now + 9000 * HOUR };
const [held, one, other] = ["held", "one", "other"].map(
  (commonName) => makeLeaf({ commonName, ...lasting }).certificate,
) as [Certificate, Certificate, Certificate];
const later = makeLeaf({ commonName: "later", ...lasting, notBefore: now + HOUR }).certificate;
const elsewhere = makeLeaf({ commonName: "elsewhere", ...lasting, dns: ["other.test"] }).certificate;
const expired = makeCA({ commonName: "expired", notBefore: now - 9 * HOUR, notAfter: now - HOUR }).certificate;
const ca = makeCA({ commonName: "ca", notBefore: now - HOUR, notAfter: now + 9000 * HOUR }).certificate;

const context: AnnouncedContext = {
  name: { host: "reg.test", isAddress: false },
  held: [held],
  retired: [],
  rejected: [],
  now,
};

function given(...certificates: readonly Certificate[]): SourceAnswer {
  return { kind: "given", certificates, verifiedBy: "sha256:aa" };
}

function seen(certificate: Certificate, heldMs: number): Remembered {
  return { certificate, firstSeen: now - 9 * HOUR, heldMs, verifiedBy: "sha256:aa" };
}

function told(
  remembered: readonly Remembered[],
  answer: SourceAnswer,
  changes: Partial<AnnouncedContext> = {},
): string {
  const found = followSource(remembered, answer, HOUR, { ...context, ...changes });
  return found
    .map((each) => `${each.certificate.commonName} ${each.heldMs / HOUR}h${each.isConfirmed ? "" : " unread"}`)
    .join(", ");
}

test.each<readonly [string, readonly Remembered[], SourceAnswer, Partial<AnnouncedContext>, string]>([
  ["the first time", [], given(held, one), {}, "one 0h"],
  ["again", [seen(one, HOUR)], given(held, one), {}, "one 2h"],
  ["unchanged since", [seen(one, HOUR)], { kind: "unchanged" }, {}, "one 2h"],
  ["and could not be read", [seen(one, HOUR)], { kind: "failed" }, {}, "one 1h unread"],
  ["and is gone", [seen(one, HOUR)], given(held), {}, ""],
  ["and nothing is there any more", [seen(one, HOUR)], given(), {}, ""],
  ["and another takes its place", [seen(one, HOUR)], given(other), {}, "other 0h"],
  ["and another beside it", [seen(one, HOUR)], given(other, one), {}, "other 0h, one 2h"],
  ["and is trusted now", [seen(one, HOUR)], { kind: "unchanged" }, { held: [held, one] }, ""],
  ["and was rejected", [seen(one, HOUR)], { kind: "failed" }, { rejected: [one.fingerprint] }, ""],
  [
    "though it was retired",
    [],
    given(one),
    { retired: [{ fingerprint: one.fingerprint, spki: one.spkiFingerprint }] },
    "",
  ],
  ["for another name", [], given(elsewhere), {}, ""],
  ["a CA", [], given(ca), {}, "ca 0h"],
  ["a CA that has expired", [], given(expired), {}, ""],
  ["valid from later on", [], given(later), {}, "later 0h"],
])("a certificate is announced: %s", (_, remembered, answer, changes, expected) => {
  expect(told(remembered, answer, changes)).toBe(expected);
});

test("no more than eight of one source are remembered", () => {
  const many = Array.from({ length: 12 }, (_, index) => makeLeaf({ commonName: `${index}`, ...lasting }).certificate);
  expect(followSource([], given(...many), 0, context)).toHaveLength(8);
});

interface Read {
  readonly kind: "one" | "other" | "both" | "none" | "unchanged" | "failed";
  readonly elapsed: number;
}

test("whatever a source says when: time counts only between answers that all gave the certificate", () => {
  const reads = fc.array(
    fc.record({
      kind: fc.constantFrom<Read["kind"]>("one", "other", "both", "none", "unchanged", "failed"),
      elapsed: fc.nat({ max: 48 }),
    }),
    { maxLength: 30 },
  );
  const property = fc.property(reads, (steps) => {
    let remembered: ReturnType<typeof followSource> = [];
    let truth: { readonly since: number; readonly last: number } | undefined;
    let clock = 0;
    let lastRead = 0;
    let before: readonly Certificate[] = [];
    for (const { kind, elapsed } of steps) {
      clock += elapsed;
      const lists = { one: [one], other: [other], both: [one, other], none: [], unchanged: before, failed: [] };
      const answer: SourceAnswer = kind === "failed" || kind === "unchanged" ? { kind } : given(...lists[kind]);
      remembered = followSource(remembered, answer, (clock - lastRead) * HOUR, context);
      if (kind === "failed") continue;
      lastRead = clock;
      before = lists[kind];
      if (before.includes(one)) truth = { since: truth?.since ?? clock, last: clock };
      else truth = undefined;
    }
    const found = remembered.find(({ certificate }) => certificate === one);
    expect(found === undefined).toBe(truth === undefined);
    if (found !== undefined && truth !== undefined) expect(found.heldMs).toBe((truth.last - truth.since) * HOUR);
  });
  fc.assert(property, { numRuns: 300 });
});

test.each([
  [0, "0s"],
  [1, "1s"],
  [59_999, "1m"],
  [86_400_000, "1d"],
  [86_399_000, "23h 59m"],
  [90_061_000, "1d 1h"],
])("%d ms is %s for people", (milliseconds, text) => {
  expect(showDuration(milliseconds)).toBe(text);
});
