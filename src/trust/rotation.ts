import { problem, type Problem } from "../findings/problem.ts";
import { dropDuplicates } from "./anchors.ts";
import type { Certificate } from "./certificate.ts";
import { judgeChain, type Verdict } from "./chain.ts";
import { describeServed } from "./describe-served.ts";
import { pinMatches, showFingerprint, showPin, type Pin } from "./fingerprint.ts";
import type { SuppliedCertificates } from "./first-contact.ts";
import { findIssuingFault } from "./go-rules.ts";
import type { DialledName } from "./hostname.ts";

/** Why a certificate came to be trusted beside those that were trusted before. */
export type FollowReason =
  | "same-key"
  | "cross-signed"
  | "next-fingerprint"
  | "fingerprint"
  | "ca-file"
  | "ca-url"
  | "accepted";

/** A certificate to be trusted from now on, and what speaks for it. */
export interface Followed {
  readonly certificate: Certificate;
  readonly reason: FollowReason;
  readonly evidence: string;
}

/** What was trusted once, and is no longer: only a person brings it back. Hex digits as in `Certificate`. */
export interface RetiredKey {
  readonly fingerprint: string;
  readonly spki: string;
}

/** All that the decision is made from. */
export interface RotationEvidence {
  readonly name: DialledName;
  readonly authority: string;
  /** As the server sent it, leaf first; its holder has proved to have the leaf's key. */
  readonly served: readonly Certificate[];
  /** Trusted now, one or more. */
  readonly held: readonly Certificate[];
  /** The declared policy: fingerprints vouched for, and those announced to come. */
  readonly pins: readonly Pin[];
  readonly nextPins: readonly Pin[];
  /** What a declared file or URL gives now. */
  readonly supplied: SuppliedCertificates | undefined;
  /** Fingerprints (hex) that a person has turned down. */
  readonly rejected: readonly string[];
  readonly retired: readonly RetiredKey[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What is to become of trust. Only `follow` adds anything; nothing here takes anything away. */
export type RotationVerdict =
  | { readonly kind: "held"; readonly evidence: string }
  | { readonly kind: "follow"; readonly added: readonly Followed[] }
  /** Only a person can say. Nothing is to be changed. */
  | { readonly kind: "pending"; readonly problem: Problem }
  /** A person has said no, or no client could accept it whatever is trusted. */
  | { readonly kind: "refused"; readonly problem: Problem };

/**
 * Decides whether trust follows what an enrolled registry serves now. What is trusted decides: a held anchor verifies it;
 * or it is a held key in a renewed certificate; or the new CA that a held one has cross-signed; or the declaration vouches
 * for it. Each certificate that is added would by itself satisfy Go's TLS. All else waits for a person.
 */
export function decideRotation(evidence: RotationEvidence): RotationVerdict {
  const byHeld = judge(evidence, evidence.held);
  const added = findFollowed(evidence, byHeld.ok);
  if (added.length > 0) return { kind: "follow", added };
  const root = byHeld.ok ? byHeld.chain.at(-1) : undefined;
  if (root !== undefined) return { kind: "held", evidence: `verified by ${showFingerprint(root)}` };
  return decideUnvouched(evidence, byHeld.ok ? undefined : byHeld.problem);
}

/**
 * Carries a person's word for one certificate: the one that waits, or one of its chain, and only while it is served. What
 * is trusted already stays so.
 */
export function decideAcceptance(evidence: RotationEvidence, pin: Pin, by: string): RotationVerdict {
  const verdict = decideRotation(evidence);
  const isTrusted = evidence.held.some((each) => pinMatches(pin, each));
  if (verdict.kind === "held") return isTrusted ? verdict : refuseWord(evidence, pin, "nothing waits for a decision");
  if (verdict.kind === "follow")
    return isTrusted || isAmong(verdict.added, pin)
      ? verdict
      : refuseWord(evidence, pin, "what is served is trusted without it");
  if (verdict.kind === "refused") return verdict;
  const certificate = evidence.served.find((each) => pinMatches(pin, each));
  if (certificate === undefined || pin.kind !== "certificate")
    return refuseWord(evidence, pin, "this is not the fingerprint of a certificate that is served now");
  const judged = judge(evidence, [certificate]);
  if (!judged.ok) return { kind: "refused", problem: judged.problem };
  const said = `${by} gave ${showPin(pin)} while it was served`;
  return { kind: "follow", added: [{ certificate, reason: "accepted", evidence: said }] };
}

function isAmong(added: readonly Followed[], pin: Pin): boolean {
  return added.some(({ certificate }) => pinMatches(pin, certificate));
}

function refuseWord({ authority, served }: RotationEvidence, pin: Pin, reason: string): RotationVerdict {
  const facts = { name: authority, given: showPin(pin), reason };
  return { kind: "refused", problem: problem("RC-TRU-017", facts, describeServed(served)) };
}

/** Every certificate that is vouched for and not held yet, leaf first. */
function findFollowed(evidence: RotationEvidence, isHeld: boolean): readonly Followed[] {
  if (isRejected(evidence)) return [];
  const fresh = dropDuplicates(evidence.served).filter((each) => !isKnown(evidence, each));
  const served = fresh.flatMap((certificate): readonly Followed[] => {
    const why = findReason(evidence, certificate, isHeld);
    const isGood = why !== undefined && judge(evidence, [certificate]).ok;
    return isGood ? [{ certificate, ...why }] : [];
  });
  const supplied = findSupplied(evidence);
  const seen = new Set(served.map(({ certificate }) => certificate.fingerprint));
  return [...served, ...supplied.filter(({ certificate }) => !seen.has(certificate.fingerprint))];
}

function isRejected({ served, rejected }: RotationEvidence): boolean {
  return served.some(({ fingerprint }) => rejected.includes(fingerprint));
}

/** Held, or retired: what has gone must not come back by being shown again. */
function isKnown({ held, retired }: RotationEvidence, { fingerprint, spkiFingerprint }: Certificate): boolean {
  if (held.some((each) => each.fingerprint === fingerprint)) return true;
  if (retired.some((each) => each.fingerprint === fingerprint)) return true;
  const isHeldKey = held.some((each) => each.spkiFingerprint === spkiFingerprint);
  return !isHeldKey && retired.some((each) => each.spki === spkiFingerprint);
}

type Why = Pick<Followed, "reason" | "evidence">;

function findReason(evidence: RotationEvidence, certificate: Certificate, isHeld: boolean): Why | undefined {
  const next = evidence.nextPins.find((pin) => pinMatches(pin, certificate));
  if (next !== undefined) return { reason: "next-fingerprint", evidence: `announced as ${showPin(next)}` };
  if (isHeld) return findCrossSigner(evidence, certificate);
  const pin = evidence.pins.find((each) => pinMatches(each, certificate));
  if (pin !== undefined) return { reason: "fingerprint", evidence: showPin(pin) };
  return findSameKey(evidence, certificate);
}

/** The key is proved for the leaf by the handshake; above it, by the certificate's own signature. */
function findSameKey({ held, served }: RotationEvidence, certificate: Certificate): Why | undefined {
  const before = held.find((each) => each.spkiFingerprint === certificate.spkiFingerprint);
  const isLeaf = served[0]?.fingerprint === certificate.fingerprint;
  if (before === undefined || !(isLeaf || findIssuingFault(certificate, certificate) === undefined)) return undefined;
  return { reason: "same-key", evidence: `spki:${before.spkiFingerprint}, as in ${showFingerprint(before)}` };
}

/** RFC 4210 section 4.4: NewWithOld, signed by a CA that is trusted and valid, speaks for its self-signed twin. */
function findCrossSigner({ held, served, now }: RotationEvidence, certificate: Certificate): Why | undefined {
  const isRoot = certificate.subjectKey === certificate.issuerKey;
  if (!isRoot || findIssuingFault(certificate, certificate) !== undefined) return undefined;
  const valid = held.filter(({ notBefore, notAfter }) => notBefore <= now && now <= notAfter);
  for (const bridge of served.filter((each) => isTwin(each, certificate))) {
    const signer = valid.find((each) => each.subjectKey === bridge.issuerKey && !findIssuingFault(bridge, each));
    if (signer === undefined) continue;
    return { reason: "cross-signed", evidence: `${showFingerprint(bridge)} by ${showFingerprint(signer)}` };
  }
  return undefined;
}

function isTwin(one: Certificate, other: Certificate): boolean {
  const isSame = one.subjectKey === other.subjectKey && one.spkiFingerprint === other.spkiFingerprint;
  return isSame && one.fingerprint !== other.fingerprint && one.isCA === true;
}

/** What a declared source gives is taken as one, so that a coming CA may be in place before it is used. */
function findSupplied(evidence: RotationEvidence): readonly Followed[] {
  const { supplied, held, now } = evidence;
  if (supplied === undefined) return [];
  const { certificates, reason, origin } = supplied;
  const isHeldAlready = (each: Certificate): boolean => held.some((one) => one.fingerprint === each.fingerprint);
  const usable = certificates.filter(
    (each) => isHeldAlready(each) || (!isKnown(evidence, each) && each.notAfter >= now),
  );
  if (!judge(evidence, usable).ok) return [];
  const fresh = dropDuplicates(usable).filter((each) => !isHeldAlready(each));
  return fresh.map((certificate) => ({ certificate, reason, evidence: origin }));
}

/** `byHeld` is what Go says with what is trusted now. */
function decideUnvouched(evidence: RotationEvidence, byHeld: Problem | undefined): RotationVerdict {
  const { served, held, authority, retired } = evidence;
  const leaf = served[0];
  const alone = judge(evidence, leaf === undefined ? [] : [leaf]);
  if (!alone.ok) return { kind: "refused", problem: byHeld?.code === alone.problem.code ? byHeld : alone.problem };
  // a trusted CA did issue it, and one of them is outside its validity: the clock may be wrong, and nobody is to be asked
  if (byHeld?.code === "RC-TLS-016") return { kind: "refused", problem: byHeld };
  const seen = leaf === undefined ? "none" : showFingerprint(leaf);
  const facts = { name: authority, seen, held: held.map(showFingerprint).join(", ") };
  const shown = describeServed(served);
  if (isRejected(evidence)) return { kind: "refused", problem: problem("RC-TRU-016", facts, shown) };
  const isOld = retired.some((each) => each.fingerprint === leaf?.fingerprint || each.spki === leaf?.spkiFingerprint);
  const old = isOld ? ["this certificate, or its key, was trusted before and has been retired"] : [];
  const why = [...shown, ...old, ...(byHeld?.evidence ?? [])];
  return { kind: "pending", problem: problem("RC-TRU-013", facts, why) };
}

function judge({ served, name, now }: RotationEvidence, anchors: readonly Certificate[]): Verdict {
  return judgeChain({ served, anchors, name, now });
}
