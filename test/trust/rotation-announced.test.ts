import { expect, test } from "vitest";
import { showFingerprint, type Pin } from "../../src/trust/fingerprint.ts";
import { decideAcceptance, decideRotation, type RotationEvidence } from "../../src/trust/rotation.ts";
import {
  all,
  alone,
  announced,
  byCa,
  byNewCa,
  ca,
  due,
  evidenceOf,
  expired,
  gone,
  long,
  nameless,
  newCa,
  pin,
  renewed,
  replaced,
  told,
  wrongName,
} from "../support/rotation-cast.ts";

const rows: readonly (readonly [string, Partial<RotationEvidence>, string])[] = [
  ["announced for its hold-down, before it is served", { announced: [due(replaced)] }, "follow CN=new (announced)"],
  [
    "announced for its hold-down, by the old certificate, and served elsewhere already",
    { served: all(replaced), announced: [due(replaced)] },
    "follow CN=new (announced)",
  ],
  [
    "announced without any hold-down",
    { announced: [announced(replaced, { heldMs: 0, holdDownMs: 0 })] },
    "follow CN=new (announced)",
  ],
  ["announced, its hold-down not over", { announced: [announced(replaced)] }, "held"],
  [
    "announced for its hold-down once, and not read now",
    { announced: [due(replaced, { isConfirmed: false })] },
    "held",
  ],
  [
    "served before its hold-down is over",
    { served: all(replaced), announced: [announced(replaced)] },
    "pending RC-TRU-032",
  ],
  [
    "served, announced by a source that cannot be read now",
    { served: all(replaced), announced: [due(replaced, { isConfirmed: false })] },
    "pending RC-TRU-032",
  ],
  [
    "issued by a CA whose hold-down is not over",
    { served: all(byNewCa), held: all(ca), announced: [announced(newCa)] },
    "pending RC-TRU-032",
  ],
  ["another than what is announced", { served: all(long), announced: [announced(replaced)] }, "pending RC-TRU-013"],
  [
    "a coming CA, announced for its hold-down",
    { served: all(byCa), held: all(ca), announced: [due(newCa)] },
    "follow CN=new CA (announced)",
  ],
  [
    "two are announced, for long enough",
    { announced: [due(replaced), due(long)] },
    "follow CN=new (announced) + CN=long (announced)",
  ],
  [
    "two are announced, one for long enough",
    { announced: [due(replaced), announced(long)] },
    "follow CN=new (announced)",
  ],
  [
    "two sources announce the same, one for long enough",
    { announced: [announced(replaced), due(replaced)] },
    "follow CN=new (announced)",
  ],
  [
    "announced, and declared as well",
    { served: all(replaced), nextPins: [pin(replaced)], announced: [due(replaced)] },
    "follow CN=new (next-fingerprint)",
  ],
  ["announced, and for another name", { announced: [due(wrongName)] }, "held"],
  ["announced, with a common name only", { announced: [due(nameless)] }, "held"],
  ["announced, and expired", { announced: [due(expired)] }, "held"],
  ["announced, and rejected", { announced: [due(replaced)], rejected: [replaced.certificate.fingerprint] }, "held"],
  [
    "announced beside what is rejected and served",
    { served: all(alone, long), announced: [due(replaced)], rejected: [long.certificate.fingerprint] },
    "held",
  ],
  [
    "an old one, announced again",
    { served: all(replaced), held: all(replaced), announced: [due(alone)], retired: [gone(alone)] },
    "held",
  ],
  [
    "an old one, announced and served again",
    { held: all(replaced), announced: [due(alone)], retired: [gone(alone)] },
    "pending RC-TRU-013",
  ],
  [
    "an old key in a new certificate, announced",
    { served: all(replaced), held: all(replaced), announced: [due(renewed)], retired: [gone(alone)] },
    "held",
  ],
];

test.each(rows)("%s", (_, changes, verdict) => {
  expect(told(decideRotation(evidenceOf(changes)))).toBe(verdict);
});

test("what is followed because it was announced says by whom, since when, and what verified the connection", () => {
  const verdict = decideRotation(evidenceOf({ announced: [due(replaced, { firstSeen: 0 })] }));
  const evidence =
    "by well-known https://reg.test/trust.pem, first seen 1970-01-01T00:00:00.000Z, " +
    "over a connection that sha256:aa verified";
  expect(verdict).toMatchObject({ kind: "follow", added: [{ reason: "announced", evidence }] });
});

test("what is served too early says how long it is to wait, and how to accept it now", () => {
  const verdict = decideRotation(evidenceOf({ served: all(replaced), announced: [announced(replaced)] }));
  const problem = verdict.kind === "pending" ? verdict.problem : undefined;
  expect(problem?.cause).toContain("and 4h of 1d are to pass yet");
  expect(problem?.fix.join("\n")).toContain(`trust accept reg.test ${showFingerprint(replaced.certificate)}`);
  expect(problem?.evidence.join("\n")).toContain("announced: by well-known https://reg.test/trust.pem");
});

const wordRows: readonly (readonly [string, Partial<RotationEvidence>, Pin, string])[] = [
  [
    "for what is announced and served too early",
    { served: all(replaced), announced: [announced(replaced)] },
    pin(replaced),
    "follow CN=new (accepted)",
  ],
  ["for what is announced and not served", { announced: [announced(replaced)] }, pin(replaced), "refused RC-TRU-017"],
];

test.each(wordRows)("a person's word %s", (_, changes, word, verdict) => {
  expect(told(decideAcceptance(evidenceOf(changes), word, "root"))).toBe(verdict);
});
