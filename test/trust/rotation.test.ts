import { expect, test } from "vitest";
import { showFingerprint, type Pin } from "../../src/trust/fingerprint.ts";
import { decideAcceptance, decideRotation, type RotationEvidence } from "../../src/trust/rotation.ts";
import { makeLeaf } from "../support/pki.ts";
import {
  all,
  alone,
  byCa,
  byNewCa,
  ca,
  caBorrowed,
  caRenewed,
  evidenceOf,
  expired,
  file,
  forged,
  gone,
  keyPin,
  long,
  nameless,
  names,
  newCa,
  newWithOld,
  now,
  oldAndExpired,
  pin,
  renewed,
  renewedElsewhere,
  replaced,
  shortCa,
  told,
  wrongName,
  wrongNameSameKey,
  YEAR,
} from "../support/rotation-cast.ts";

const rows: readonly (readonly [string, Partial<RotationEvidence>, string])[] = [
  ["the same certificate", {}, "held"],
  ["issued by a held CA", { served: all(byCa), held: all(ca) }, "held"],
  ["one of several held", { held: all(replaced, alone, ca) }, "held"],
  ["held, though the declared pins are of another", { pins: [pin(replaced)] }, "held"],
  ["held, though it was rejected by mistake", { rejected: [alone.certificate.fingerprint] }, "held"],

  ["the same key renewed", { served: all(renewed) }, "follow CN=old (same-key)"],
  ["the same key, issued by somebody else now", { served: all(renewedElsewhere) }, "follow CN=old (same-key)"],
  [
    "the same key, after the old one expired",
    { held: all(oldAndExpired), served: all(renewed) },
    "follow CN=old (same-key)",
  ],
  ["the same key, for another name", { served: all(wrongNameSameKey) }, "refused RC-TLS-003"],
  ["the same CA key renewed in time", { served: all(byCa, caRenewed), held: all(ca) }, "held"],
  ["the same CA key renewed late", { served: all(byCa, caRenewed), held: all(shortCa) }, "follow CN=old CA (same-key)"],
  [
    "a CA certificate with the held key, made by somebody else",
    { served: all(byCa, caBorrowed), held: all(shortCa) },
    "pending RC-TRU-013",
  ],

  [
    "the new CA cross-signed, with its own certificate",
    { served: all(byNewCa, newWithOld, newCa), held: all(ca) },
    "follow CN=new CA (cross-signed)",
  ],
  [
    "the new CA cross-signed only: the old one vouches for it",
    { served: all(byNewCa, newWithOld), held: all(ca) },
    "held",
  ],
  [
    "a new CA with a forged cross-signature",
    { served: all(byNewCa, forged, newCa), held: all(ca) },
    "pending RC-TRU-013",
  ],
  [
    "a new CA with a forged cross-signature, and a server that is trusted by itself",
    { served: all(byNewCa, forged, newCa), held: all(ca, byNewCa) },
    "held",
  ],
  [
    "a new CA that is cross-signed, and a server that is trusted by itself",
    { served: all(byNewCa, newWithOld, newCa), held: all(ca, byNewCa) },
    "follow CN=new CA (cross-signed)",
  ],
  [
    "a new CA beside the old one, signed by nobody",
    { served: all(byNewCa, newCa, ca), held: all(ca) },
    "pending RC-TRU-013",
  ],
  [
    "cross-signed by a CA that has expired",
    { served: all(byNewCa, newWithOld, newCa), held: all(shortCa) },
    "pending RC-TRU-013",
  ],

  [
    "announced by its fingerprint",
    { served: all(replaced), nextPins: [pin(replaced)] },
    "follow CN=new (next-fingerprint)",
  ],
  ["announced by its key", { served: all(replaced), nextPins: [keyPin(replaced)] }, "follow CN=new (next-fingerprint)"],
  [
    "two are announced, one is served",
    { served: all(replaced), nextPins: [pin(long), pin(replaced)] },
    "follow CN=new (next-fingerprint)",
  ],
  ["announced, and not served yet", { nextPins: [pin(replaced)] }, "held"],
  ["announced, and another is served", { served: all(long), nextPins: [pin(replaced)] }, "pending RC-TRU-013"],
  [
    "the CA is announced",
    { served: all(byNewCa, newCa), nextPins: [pin(newCa)] },
    "follow CN=new CA (next-fingerprint)",
  ],
  ["the CA is announced and not sent", { served: all(byNewCa), nextPins: [pin(newCa)] }, "pending RC-TRU-013"],
  [
    "an announced CA that did not issue what is served",
    { served: all(long, newCa), nextPins: [pin(newCa)] },
    "pending RC-TRU-013",
  ],
  ["announced, and for another name", { served: all(wrongName), nextPins: [pin(wrongName)] }, "refused RC-TLS-003"],
  ["announced, and expired", { served: all(expired), nextPins: [pin(expired)] }, "refused RC-TLS-004"],
  [
    "vouched for by the declared fingerprint",
    { served: all(replaced), pins: [pin(replaced)] },
    "follow CN=new (fingerprint)",
  ],
  [
    "vouched for by the declared key",
    { served: all(renewed), held: all(long), pins: [keyPin(alone)] },
    "follow CN=old (fingerprint)",
  ],

  ["in the declared file", { served: all(replaced), supplied: file(replaced) }, "follow CN=new (ca-file)"],
  [
    "old and new in the declared file, before the new one is served",
    { served: all(byCa), held: all(ca), supplied: file(ca, newCa) },
    "follow CN=new CA (ca-file)",
  ],
  ["only the coming one in the declared file", { supplied: file(replaced) }, "held"],
  ["an expired one in the declared file too", { supplied: file(alone, expired) }, "held"],
  ["another in the declared file", { served: all(replaced), supplied: file(long) }, "pending RC-TRU-013"],

  [
    "a coming one in the declared file, of which the declared fingerprints say nothing",
    { served: all(byCa), held: all(ca), supplied: file(ca, newCa), pins: [pin(ca)] },
    "held",
  ],
  [
    "a coming one in the declared file, with its fingerprint declared too",
    { served: all(byCa), held: all(ca), supplied: file(ca, newCa), pins: [pin(ca), pin(newCa)] },
    "follow CN=new CA (ca-file)",
  ],
  [
    "a coming one in the declared file, with its fingerprint declared to come",
    { served: all(byCa), held: all(ca), supplied: file(ca, newCa), pins: [pin(ca)], nextPins: [pin(newCa)] },
    "follow CN=new CA (ca-file)",
  ],
  [
    "a declared file without anything that the declared fingerprints speak for",
    { served: all(replaced), supplied: file(replaced), pins: [pin(long)] },
    "pending RC-TRU-013",
  ],

  ["swapped without notice", { served: all(replaced) }, "pending RC-TRU-013"],
  ["a CA, swapped without notice", { served: all(byNewCa, newCa), held: all(ca) }, "pending RC-TRU-013"],
  ["swapped, with the held one sent along", { served: all(replaced, alone) }, "pending RC-TRU-013"],
  [
    "swapped, under the name of the held CA",
    { served: all(makeLeaf({ commonName: "l", issuer: ca, signingKey: newCa.key, ...names })), held: all(ca) },
    "pending RC-TRU-013",
  ],
  ["leaf only, of an unknown CA", { served: all(byNewCa), held: all(ca) }, "pending RC-TRU-013"],
  ["rejected", { served: all(replaced), rejected: [replaced.certificate.fingerprint] }, "refused RC-TRU-016"],
  [
    "a CA that was rejected",
    { served: all(byNewCa, newCa), held: all(ca), rejected: [newCa.certificate.fingerprint] },
    "refused RC-TRU-016",
  ],
  [
    "rejected, though announced",
    { served: all(replaced), rejected: [replaced.certificate.fingerprint], nextPins: [pin(replaced)] },
    "refused RC-TRU-016",
  ],

  ["the retired one again", { held: all(replaced), retired: [gone(alone)] }, "pending RC-TRU-013"],
  [
    "the retired one again, still declared",
    { held: all(replaced), retired: [gone(alone)], pins: [pin(alone)], nextPins: [pin(alone)] },
    "pending RC-TRU-013",
  ],
  [
    "the retired one again, still in the file",
    { held: all(replaced), retired: [gone(alone)], supplied: file(alone) },
    "pending RC-TRU-013",
  ],
  [
    "a retired key in a new certificate, its pin still declared",
    { served: all(renewed), held: all(replaced), retired: [gone(alone)], pins: [keyPin(alone)] },
    "pending RC-TRU-013",
  ],
  [
    "a retired certificate whose key is held",
    {
      served: all(makeLeaf({ commonName: "old", key: alone.key, serial: "09", ...names })),
      held: all(renewed),
      retired: [gone(alone)],
    },
    "follow CN=old (same-key)",
  ],

  ["expired, whatever is trusted", { served: all(expired) }, "refused RC-TLS-004"],
  ["the held one has expired", { served: all(expired), held: all(expired) }, "refused RC-TLS-004"],
  ["the held CA has expired", { served: all(byCa), held: all(shortCa) }, "refused RC-TLS-016"],
  ["wrong name", { served: all(wrongName) }, "refused RC-TLS-003"],
  [
    "wrong name by a held CA",
    { served: all(makeLeaf({ dns: ["other.test"], issuer: ca })), held: all(ca) },
    "refused RC-TLS-003",
  ],
  ["a common name only", { served: all(nameless) }, "refused RC-TLS-001"],
  ["nothing served", { served: [] }, "refused RC-TLS-019"],

  ["the clock a year ahead", { now: now + YEAR }, "refused RC-TLS-004"],
  ["the clock a year ahead, with one that lasts", { now: now + YEAR, served: all(long), held: all(long) }, "held"],
  [
    "the clock a year ahead, and another certificate that lasts",
    { now: now + YEAR, served: all(long) },
    "pending RC-TRU-013",
  ],
  ["the clock a year back", { now: now - YEAR }, "refused RC-TLS-005"],
  [
    "the clock a year back, and announced",
    { now: now - YEAR, served: all(replaced), nextPins: [pin(replaced)] },
    "refused RC-TLS-005",
  ],
  ["the clock a year ahead, and the same key", { now: now + YEAR, served: all(renewed) }, "refused RC-TLS-004"],
];

test.each(rows)("%s", (_, changes, verdict) => {
  expect(told(decideRotation(evidenceOf(changes)))).toBe(verdict);
});

test("each verdict says what it rests on", () => {
  const fingerprint = showFingerprint(alone.certificate);
  expect(decideRotation(evidenceOf({}))).toEqual({ kind: "held", evidence: `verified by ${fingerprint}` });
  expect(decideRotation(evidenceOf({ served: all(renewed) }))).toMatchObject({
    added: [{ evidence: `spki:${alone.certificate.spkiFingerprint}, as in ${fingerprint}` }],
  });
  expect(decideRotation(evidenceOf({ served: all(byNewCa, newWithOld, newCa), held: all(ca) }))).toMatchObject({
    added: [{ evidence: `${showFingerprint(newWithOld.certificate)} by ${showFingerprint(ca.certificate)}` }],
  });
  const verdict = decideRotation(evidenceOf({ served: all(replaced), retired: [gone(replaced)] }));
  const problem = verdict.kind === "pending" ? verdict.problem : undefined;
  const seen = showFingerprint(replaced.certificate);
  expect(problem?.cause).toContain(`trusted: ${fingerprint}; seen: ${seen}`);
  expect(problem?.fix.join("\n")).toContain(`regclient trust accept reg.test ${seen}`);
  expect(problem?.evidence.join("\n")).toContain("was trusted before and has been retired");
  expect(problem?.evidence.join("\n")).toContain("Go says: x509: certificate signed by unknown authority");
});

const wordRows: readonly (readonly [string, Partial<RotationEvidence>, Pin, string])[] = [
  ["for what waits", { served: all(replaced) }, pin(replaced), "follow CN=new (accepted)"],
  [
    "for the CA of what waits",
    { served: all(byNewCa, newCa), held: all(ca) },
    pin(newCa),
    "follow CN=new CA (accepted)",
  ],
  [
    "for the leaf of a chain that waits",
    { served: all(byNewCa, newCa), held: all(ca) },
    pin(byNewCa),
    "follow CN=leaf (accepted)",
  ],
  ["for a CA that is sent and did not issue it", { served: all(replaced, newCa) }, pin(newCa), "refused RC-TLS-006"],
  ["for another", { served: all(replaced) }, pin(long), "refused RC-TRU-017"],
  ["for the key", { served: all(replaced) }, keyPin(replaced), "refused RC-TRU-017"],
  ["for what waited before, and something else is served", { served: all(long) }, pin(replaced), "refused RC-TRU-017"],
  ["for what is trusted", {}, pin(alone), "held"],
  ["when nothing waits", {}, pin(replaced), "refused RC-TRU-017"],
  ["for what is followed anyhow", { served: all(renewed) }, pin(renewed), "follow CN=old (same-key)"],
  ["for another than what is followed", { served: all(renewed) }, pin(replaced), "refused RC-TRU-017"],
  ["for what is expired", { served: all(expired) }, pin(expired), "refused RC-TLS-004"],
  [
    "for what was rejected",
    { served: all(replaced), rejected: [replaced.certificate.fingerprint] },
    pin(replaced),
    "refused RC-TRU-016",
  ],
  ["for what was retired", { held: all(replaced), retired: [gone(alone)] }, pin(alone), "follow CN=old (accepted)"],
];

test.each(wordRows)("a person's word %s", (_, changes, word, verdict) => {
  expect(told(decideAcceptance(evidenceOf(changes), word, "root"))).toBe(verdict);
});
