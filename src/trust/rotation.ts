import { problem, type Problem } from "../findings/problem.ts";
import { dropDuplicates } from "./anchors.ts";
import { explainEarly, findDue } from "./announced.ts";
import type { Certificate } from "./certificate.ts";
import { describeServed } from "./describe-served.ts";
import { pinMatches, showFingerprint, showPin, type Pin } from "./fingerprint.ts";
import { findIssuingFault } from "./go-rules.ts";
import { isKnown, judgeServed, type Followed, type RotationEvidence } from "./rotation-evidence.ts";
import { findSupplied } from "./supplied.ts";

export type { Announcement, Followed, FollowReason, RetiredKey, RotationEvidence } from "./rotation-evidence.ts";

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
 * for it, or a trust source has announced it for its hold-down. Each certificate of those served that is added would by
 * itself satisfy Go's TLS; so would one that is announced, once it is served. All else waits for a person.
 */
export function decideRotation(evidence: RotationEvidence): RotationVerdict {
  const byHeld = judgeServed(evidence, evidence.held);
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
  const judged = judgeServed(evidence, [certificate]);
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
    const isGood = why !== undefined && judgeServed(evidence, [certificate]).ok;
    return isGood ? [{ certificate, ...why }] : [];
  });
  const all = [...served, ...findSupplied(evidence), ...findDue(evidence)];
  // one reason for each, the first
  return [...new Map(all.toReversed().map((each) => [each.certificate.fingerprint, each])).values()].toReversed();
}

function isRejected({ served, rejected }: RotationEvidence): boolean {
  return served.some(({ fingerprint }) => rejected.includes(fingerprint));
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

/** `byHeld` is what Go says with what is trusted now. */
function decideUnvouched(evidence: RotationEvidence, byHeld: Problem | undefined): RotationVerdict {
  const { served, held, authority, retired } = evidence;
  const leaf = served[0];
  const alone = judgeServed(evidence, leaf === undefined ? [] : [leaf]);
  if (!alone.ok) return { kind: "refused", problem: byHeld?.code === alone.problem.code ? byHeld : alone.problem };
  // a trusted CA did issue it, and one of them is outside its validity: the clock may be wrong, and nobody is to be asked
  if (byHeld?.code === "RC-TLS-016") return { kind: "refused", problem: byHeld };
  const seen = leaf === undefined ? "none" : showFingerprint(leaf);
  const facts = { name: authority, seen, held: held.map(showFingerprint).join(", ") };
  const shown = describeServed(served);
  if (isRejected(evidence)) return { kind: "refused", problem: problem("RC-TRU-016", facts, shown) };
  const early = explainEarly(evidence);
  if (early !== undefined) return { kind: "pending", problem: early };
  const isOld = retired.some((each) => each.fingerprint === leaf?.fingerprint || each.spki === leaf?.spkiFingerprint);
  const old = isOld ? ["this certificate, or its key, was trusted before and has been retired"] : [];
  const why = [...shown, ...old, ...(byHeld?.evidence ?? [])];
  return { kind: "pending", problem: problem("RC-TRU-013", facts, why) };
}
