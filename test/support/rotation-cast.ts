import type { Certificate } from "../../src/trust/certificate.ts";
import type { Pin } from "../../src/trust/fingerprint.ts";
import type { Announcement, RetiredKey, RotationEvidence, RotationVerdict } from "../../src/trust/rotation.ts";
import { makeCA, makeCertificate, makeLeaf, type Identity } from "./pki.ts";

export const DAY = 86_400_000;
export const HOUR = 3_600_000;
export const YEAR = 365 * DAY;
export const now = Date.now();
export const names = { dns: ["reg.test"] };
export const alone = makeLeaf({ commonName: "old", ...names });
export const replaced = makeLeaf({ commonName: "new", ...names });
export const renewed = makeLeaf({ commonName: "old", key: alone.key, serial: "07", ...names });
export const renewedElsewhere = makeLeaf({
  commonName: "old",
  key: alone.key,
  issuer: makeCA({ commonName: "x" }),
  ...names,
});
export const longer = { notBefore: now - DAY, notAfter: now + 3 * YEAR };
export const long = makeLeaf({ commonName: "long", ...names, ...longer });

export const ca = makeCA({ commonName: "old CA", ...longer });
export const byCa = makeLeaf({ commonName: "leaf", issuer: ca, ...names, ...longer });
export const newCa = makeCA({ commonName: "new CA", ...longer });
export const byNewCa = makeLeaf({ commonName: "leaf", issuer: newCa, ...names, ...longer });
export const newWithOld = makeCA({ commonName: "new CA", key: newCa.key, issuer: ca });
export const forged = makeCA({ commonName: "new CA", key: newCa.key, issuer: ca, signingKey: newCa.key });
export const caRenewed = makeCA({ commonName: "old CA", key: ca.key, serial: "07", ...longer });
export const caBorrowed = makeCA({ commonName: "old CA", key: ca.key, signingKey: newCa.key, serial: "08" });
export const shortCa = makeCA({ commonName: "old CA", key: ca.key, notBefore: now - 2 * DAY, notAfter: now - DAY });
export const oldAndExpired = makeLeaf({ commonName: "old", key: alone.key, ...names, notBefore: 0, notAfter: DAY });
export const expired = makeLeaf({ commonName: "gone", ...names, notBefore: 0, notAfter: DAY });
export const wrongName = makeLeaf({ commonName: "x", dns: ["other.test"] });
export const wrongNameSameKey = makeLeaf({ commonName: "x", key: alone.key, dns: ["other.test"] });
export const nameless = makeCertificate({ commonName: "reg.test", version: 1 });

export const pin = ({ certificate }: Identity): Pin => ({ kind: "certificate", hex: certificate.fingerprint });
export const keyPin = ({ certificate }: Identity): Pin => ({ kind: "spki", hex: certificate.spkiFingerprint });
export const gone = ({ certificate }: Identity): RetiredKey => ({
  fingerprint: certificate.fingerprint,
  spki: certificate.spkiFingerprint,
});
export const all = (...identities: readonly Identity[]): readonly Certificate[] =>
  identities.map((one) => one.certificate);
export const file = (...identities: readonly Identity[]): RotationEvidence["supplied"] => ({
  origin: "/ca.pem",
  reason: "ca-file",
  certificates: all(...identities),
});

/** What a source announces; four hours of its day of hold-down are to pass yet, unless said otherwise. */
export const announced = (identity: Identity, changes: Partial<Announcement> = {}): Announcement => ({
  certificate: identity.certificate,
  source: "well-known https://reg.test/trust.pem",
  firstSeen: now - DAY,
  heldMs: DAY - 4 * HOUR,
  holdDownMs: DAY,
  isConfirmed: true,
  verifiedBy: "sha256:aa",
  ...changes,
});
export const due = (identity: Identity, changes: Partial<Announcement> = {}): Announcement =>
  announced(identity, { heldMs: DAY, ...changes });

export function evidenceOf(changes: Partial<RotationEvidence>): RotationEvidence {
  return {
    name: { host: "reg.test", isAddress: false },
    authority: "reg.test",
    served: all(alone),
    held: all(alone),
    pins: [],
    nextPins: [],
    supplied: undefined,
    announced: [],
    rejected: [],
    retired: [],
    now,
    ...changes,
  };
}

export function told(verdict: RotationVerdict): string {
  switch (verdict.kind) {
    case "held":
      return "held";
    case "follow":
      return `follow ${verdict.added.map((each) => `${each.certificate.subject} (${each.reason})`).join(" + ")}`;
    default:
      return `${verdict.kind} ${verdict.problem.code}`;
  }
}
