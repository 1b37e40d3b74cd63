import { problem, type Problem } from "../findings/problem.ts";
import { chooseAnchors, dropDuplicates } from "./anchors.ts";
import type { Certificate } from "./certificate.ts";
import { judgeChain, type Verdict } from "./chain.ts";
import { describeServed } from "./describe-served.ts";
import { pinMatches, showFingerprint, showPin, type Pin } from "./fingerprint.ts";
import { choosePinned } from "./supplied.ts";

// a chain has three or four; what a server sends under one pinned key has no end
const MOST_PINNED = 8;

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
  /** Trusted so far, from an earlier enrollment. */
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
 * Decides whether the served certificate is to be trusted at first contact, or on a person's new word, from what was
 * said out of band, in the order: certificates from a file or URL, fingerprints, the system's CAs, a person. Every way
 * must also satisfy Go's TLS, or Docker would refuse afterwards. What is held is kept by `decideRotation`, not here.
 */
export function decideFirstContact(evidence: TrustEvidence): TrustVerdict {
  if (evidence.supplied !== undefined) return decideSupplied(evidence, evidence.supplied);
  if (evidence.pins.length > 0) return decidePinned(evidence);
  if (judge(evidence, evidence.system()).ok) return { kind: "system" };
  return decideUnknown(evidence);
}

function decideSupplied(evidence: TrustEvidence, supplied: SuppliedCertificates): TrustVerdict {
  const { certificates, origin, reason } = supplied;
  const { pins, served } = evidence;
  if (pins.length > 0 && ![...certificates, ...served].some((each) => isPinned(evidence, each)))
    return refusePins(evidence);
  const verdict = judge(evidence, certificates);
  if (!verdict.ok) return { kind: "refused", problem: verdict.problem };
  const anchors = pins.length > 0 ? choosePinned(evidence, certificates, verdict.chain) : certificates;
  if (anchors.length === 0) return refusePins(evidence);
  return alreadyHeld(evidence, anchors) ?? { kind: "trusted", anchors, reason, evidence: origin };
}

function decidePinned(evidence: TrustEvidence): TrustVerdict {
  const pinned = chooseAnchors(evidence.served, evidence.pins).slice(0, MOST_PINNED);
  if (pinned.length === 0) {
    // the pinned root need not be among what a server sends, when it is held already
    const held = evidence.held.filter((each) => isPinned(evidence, each));
    return judge(evidence, held).ok ? { kind: "held" } : refusePins(evidence);
  }
  const verdict = judge(evidence, pinned);
  if (!verdict.ok) return { kind: "refused", problem: verdict.problem };
  // what is sent beside the chain, under a pinned key or not, is not the registry's
  const anchors = pinned.filter((each) => judge(evidence, [each]).ok);
  const pins = evidence.pins.map(showPin).join(", ");
  return alreadyHeld(evidence, anchors) ?? { kind: "trusted", anchors, reason: "fingerprint", evidence: pins };
}

function decideUnknown(evidence: TrustEvidence): TrustVerdict {
  const { served, authority } = evidence;
  // whoever vouches for the leaf has spoken with its holder, whose chain is then as good
  const top = served.at(-1);
  const verdict = judge(evidence, top === undefined ? [] : [top]);
  if (!verdict.ok) return { kind: "refused", problem: verdict.problem };
  if (top === undefined) throw new Error("an empty chain is never judged to be good");
  if (evidence.firstUse) {
    return { kind: "trusted", anchors: [top], reason: "first-use", evidence: "--trust-on-first-use" };
  }
  const facts = { name: authority, seen: fingerprintOf(served) };
  return { kind: "ask", candidates: served, refusal: problem("RC-TRU-011", facts, describeServed(served)) };
}

function alreadyHeld(evidence: TrustEvidence, wanted: readonly Certificate[]): TrustVerdict | undefined {
  const held = new Set(evidence.held.map((each) => each.fingerprint));
  const same = held.size === dropDuplicates(wanted).length && wanted.every((each) => held.has(each.fingerprint));
  return same ? { kind: "held" } : undefined;
}

function refusePins(evidence: TrustEvidence): TrustVerdict {
  const { authority, served, pins } = evidence;
  const facts = { name: authority, seen: fingerprintOf(served), wanted: pins.map(showPin).join(", ") };
  return { kind: "refused", problem: problem("RC-TRU-012", facts, describeServed(served)) };
}

function isPinned({ pins }: TrustEvidence, certificate: Certificate): boolean {
  return pins.some((pin) => pinMatches(pin, certificate));
}

function judge({ served, name, now }: TrustEvidence, anchors: readonly Certificate[]): Verdict {
  return judgeChain({ served, anchors, name, now });
}

function fingerprintOf(served: readonly Certificate[]): string {
  return served[0] === undefined ? "none" : showFingerprint(served[0]);
}
