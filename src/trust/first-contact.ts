import { problem, type Problem } from "../findings/problem.ts";
import { chooseAnchors, dropDuplicates } from "./anchors.ts";
import type { Certificate } from "./certificate.ts";
import { judgeChain } from "./chain.ts";
import { pinMatches, showFingerprint, showPin, type Pin } from "./fingerprint.ts";

/** Why a certificate came to be trusted. */
export type TrustReason = "fingerprint" | "ca-file" | "ca-url" | "confirmed" | "first-use";

/** Certificates that the user named, and where they come from. */
export interface SuppliedCertificates {
  readonly origin: string;
  readonly reason: "ca-file" | "ca-url";
  readonly certificates: readonly Certificate[];
}

/** All that the decision is made from. */
export interface TrustEvidence {
  readonly name: { readonly host: string; readonly isAddress: boolean };
  readonly authority: string;
  /** As the server sent it, leaf first. */
  readonly served: readonly Certificate[];
  /** Trusted so far, from an earlier enrolment. */
  readonly held: readonly Certificate[];
  readonly pins: readonly Pin[];
  readonly supplied: SuppliedCertificates | undefined;
  /** The system's own CAs; a function, as reading them is only sometimes needed. */
  readonly system: () => readonly Certificate[];
  /** Trust what is served without anybody's word. */
  readonly firstUse: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What may be trusted, and why. */
export type TrustVerdict =
  | { readonly kind: "held" }
  | { readonly kind: "system" }
  | {
      readonly kind: "trusted";
      readonly anchors: readonly Certificate[];
      readonly reason: TrustReason;
      readonly evidence: string;
    }
  /** Only a person can say, of one of the candidates, leaf first; `refusal` is the answer when nobody can be asked. */
  | { readonly kind: "ask"; readonly candidates: readonly Certificate[]; readonly refusal: Problem }
  | { readonly kind: "refused"; readonly problem: Problem };

/**
 * Decides whether the served certificate is to be trusted, from what was said out of band, in the order: certificates
 * from a file or URL, fingerprints, what is held already, the system's CAs, a person. Every way must also satisfy Go's
 * TLS, or Docker would refuse afterwards.
 */
export function decideFirstContact(evidence: TrustEvidence): TrustVerdict {
  if (evidence.supplied !== undefined) return decideSupplied(evidence, evidence.supplied);
  if (evidence.pins.length > 0) return decidePinned(evidence);
  if (evidence.held.length > 0) return decideHeld(evidence);
  if (judge(evidence, evidence.system()) === undefined) return { kind: "system" };
  return decideUnknown(evidence);
}

function decideSupplied(evidence: TrustEvidence, supplied: SuppliedCertificates): TrustVerdict {
  const { certificates, origin, reason } = supplied;
  const { pins, served } = evidence;
  const vouchedFor = [...certificates, ...served].some((each) => pins.some((pin) => pinMatches(pin, each)));
  if (pins.length > 0 && !vouchedFor) return refusePins(evidence);
  const refused = judge(evidence, certificates);
  if (refused !== undefined) return { kind: "refused", problem: refused };
  return alreadyHeld(evidence, certificates) ?? { kind: "trusted", anchors: certificates, reason, evidence: origin };
}

function decidePinned(evidence: TrustEvidence): TrustVerdict {
  const anchors = chooseAnchors(evidence.served, evidence.pins);
  if (anchors.length === 0) {
    // the pinned root need not be among what a server sends, when it is held already
    const held = evidence.held.some((each) => evidence.pins.some((pin) => pinMatches(pin, each)));
    return held && judge(evidence, evidence.held) === undefined ? { kind: "held" } : refusePins(evidence);
  }
  const refused = judge(evidence, anchors);
  if (refused !== undefined) return { kind: "refused", problem: refused };
  const pins = evidence.pins.map(showPin).join(", ");
  return alreadyHeld(evidence, anchors) ?? { kind: "trusted", anchors, reason: "fingerprint", evidence: pins };
}

/** What is held decides what may be trusted; anything else waits for a person's word. */
function decideHeld(evidence: TrustEvidence): TrustVerdict {
  const { authority, served, held } = evidence;
  const refused = judge(evidence, held);
  if (refused === undefined) return { kind: "held" };
  // the very certificates that are trusted: they have expired, say, and nobody has put others in their place
  const isSame = served.some((each) => held.some((one) => one.fingerprint === each.fingerprint));
  if (isSame) return { kind: "refused", problem: refused };
  const facts = { name: authority, seen: fingerprintOf(served), held: held.map(showFingerprint).join(", ") };
  return { kind: "refused", problem: problem("RC-TRU-013", facts, [...describe(served), ...refused.evidence]) };
}

function decideUnknown(evidence: TrustEvidence): TrustVerdict {
  const { served, authority } = evidence;
  // whoever vouches for the leaf has spoken with its holder, whose chain is then as good
  const top = served.at(-1);
  const refused = judge(evidence, top === undefined ? [] : [top]);
  if (refused !== undefined) return { kind: "refused", problem: refused };
  if (top === undefined) throw new Error("an empty chain is never judged to be good");
  if (evidence.firstUse) {
    return { kind: "trusted", anchors: [top], reason: "first-use", evidence: "--trust-on-first-use" };
  }
  const facts = { name: authority, seen: fingerprintOf(served) };
  return { kind: "ask", candidates: served, refusal: problem("RC-TRU-011", facts, describe(served)) };
}

function alreadyHeld(evidence: TrustEvidence, wanted: readonly Certificate[]): TrustVerdict | undefined {
  const held = new Set(evidence.held.map((each) => each.fingerprint));
  const same = held.size === dropDuplicates(wanted).length && wanted.every((each) => held.has(each.fingerprint));
  return same ? { kind: "held" } : undefined;
}

function refusePins(evidence: TrustEvidence): TrustVerdict {
  const { authority, served, pins } = evidence;
  const facts = { name: authority, seen: fingerprintOf(served), wanted: pins.map(showPin).join(", ") };
  return { kind: "refused", problem: problem("RC-TRU-012", facts, describe(served)) };
}

function judge(evidence: TrustEvidence, anchors: readonly Certificate[]): Problem | undefined {
  const { served, name, now } = evidence;
  const verdict = judgeChain({ served, anchors, name, now });
  return verdict.ok ? undefined : verdict.problem;
}

function fingerprintOf(served: readonly Certificate[]): string {
  return served[0] === undefined ? "none" : showFingerprint(served[0]);
}

function describe(served: readonly Certificate[]): readonly string[] {
  return served.map((each) => {
    const until = new Date(each.notAfter).toISOString().slice(0, 10);
    return `served: ${each.subject}, ${showFingerprint(each)}, spki:${each.spkiFingerprint}, until ${until}`;
  });
}
