import { dropDuplicates } from "./anchors.ts";
import type { Certificate } from "./certificate.ts";
import { pinMatches, type Pin } from "./fingerprint.ts";
import { isKnown, judgeServed, type Followed, type RotationEvidence } from "./rotation-evidence.ts";

/** What the certificates are measured by. */
export interface SuppliedContext extends Pick<RotationEvidence, "served" | "name" | "now"> {
  readonly pins: readonly Pin[];
}

/**
 * Of the certificates supplied, those that the pins speak for; `chain` is what verifies what is served with them. What a
 * server merely sends along says nothing, as anybody can send it: a pinned certificate has to verify the leaf, or be in
 * the chain that does.
 */
export function choosePinned(
  context: SuppliedContext,
  certificates: readonly Certificate[],
  chain: readonly Certificate[],
): readonly Certificate[] {
  const isPinned = (each: Certificate): boolean => context.pins.some((pin) => pinMatches(pin, each));
  const pinned = certificates.filter(isPinned);
  if (!chain.some(isPinned)) return judgeServed(context, pinned).ok ? pinned : [];
  const verifying = new Set(chain.map((each) => each.fingerprint));
  return certificates.filter((each) => pinned.includes(each) || verifying.has(each.fingerprint));
}

/**
 * What a declared file or URL gives is taken as one, so that a coming CA may be in place before it is used. Where
 * fingerprints are declared too, now or to come, they have to speak for it, as at first contact.
 */
export function findSupplied(evidence: RotationEvidence): readonly Followed[] {
  const { supplied, held, now, pins, nextPins } = evidence;
  if (supplied === undefined) return [];
  const { certificates, reason, origin } = supplied;
  const isHeldAlready = (each: Certificate): boolean => held.some((one) => one.fingerprint === each.fingerprint);
  const usable = certificates.filter(
    (each) => isHeldAlready(each) || (!isKnown(evidence, each) && each.notAfter >= now),
  );
  const verdict = judgeServed(evidence, usable);
  if (!verdict.ok) return [];
  const context = { ...evidence, pins: [...pins, ...nextPins] };
  const chosen = pins.length > 0 ? choosePinned(context, usable, verdict.chain) : usable;
  const fresh = dropDuplicates(chosen).filter((each) => !isHeldAlready(each));
  return fresh.map((certificate) => ({ certificate, reason, evidence: origin }));
}
