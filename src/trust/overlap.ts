import type { Certificate } from "./certificate.ts";
import { judgeChain } from "./chain.ts";
import type { ChainInput } from "./go-rules.ts";

/** A trusted certificate, and when it was of use. Times are milliseconds since the epoch. */
export interface AnchorUse {
  readonly certificate: Certificate;
  /** When what is served was last seen to be verified by it; exact to a day. */
  readonly lastNeeded: number | undefined;
  /** Since when it was seen to be of no use, in every pass. */
  readonly unneededSince: number | undefined;
  /** A declared file or a trust source gives it now: one that has not been of use yet stays. */
  readonly isAwaited?: boolean;
}

/** What became of one anchor. */
export interface ReviewedAnchor extends AnchorUse {
  readonly isRetired: boolean;
}

/** What the anchors are measured by. */
export interface OverlapContext extends Omit<ChainInput, "anchors"> {
  /** How long an anchor stays that nothing needs, in milliseconds. */
  readonly graceMs: number;
}

const DAY = 86_400_000;

/**
 * Says which anchors what is served still needs, and retires those that it has not needed for the grace. The grace counts
 * from the first pass that saw the anchor unneeded, not from the last that needed it, so that a clock that jumps ahead for
 * a while retires nothing. An anchor that verifies what is served never goes, nor does any when none does.
 * One that has yet to be of use does not go while it is announced.
 */
export function reviewAnchors(anchors: readonly AnchorUse[], context: OverlapContext): readonly ReviewedAnchor[] {
  const needed = anchors.map(({ certificate }) => judgeChain({ ...context, anchors: [certificate] }).ok);
  if (!needed.includes(true)) return anchors.map((anchor) => ({ ...anchor, isRetired: false }));
  return anchors.map((anchor, index) => (needed[index] === true ? markNeeded(anchor, context) : wait(anchor, context)));
}

function markNeeded(anchor: AnchorUse, { now }: OverlapContext): ReviewedAnchor {
  const lastNeeded = distance(anchor.lastNeeded, now) < DAY ? anchor.lastNeeded : now;
  return { ...anchor, lastNeeded, unneededSince: undefined, isRetired: false };
}

function wait(anchor: AnchorUse, { now, graceMs }: OverlapContext): ReviewedAnchor {
  // servers behind one name that take turns must not make every pass write
  const isRecent = distance(anchor.lastNeeded, now) < Math.min(DAY, graceMs);
  if (anchor.isAwaited === true && anchor.lastNeeded === undefined)
    return { ...anchor, unneededSince: undefined, isRetired: false };
  const unneededSince = anchor.unneededSince ?? (isRecent ? undefined : now);
  return { ...anchor, unneededSince, isRetired: unneededSince !== undefined && now - unneededSince >= graceMs };
}

function distance(time: number | undefined, now: number): number {
  return time === undefined ? Infinity : Math.abs(now - time);
}
