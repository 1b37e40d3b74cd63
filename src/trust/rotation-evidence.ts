import type { Certificate } from "./certificate.ts";
import { judgeChain, type Verdict } from "./chain.ts";
import type { Pin } from "./fingerprint.ts";
import type { SuppliedCertificates } from "./first-contact.ts";
import type { DialledName } from "./hostname.ts";

/** Why a certificate came to be trusted beside those that were trusted before. */
export type FollowReason =
  | "same-key"
  | "cross-signed"
  | "next-fingerprint"
  | "fingerprint"
  | "ca-file"
  | "ca-url"
  | "announced"
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

/** A certificate that a trust source says is to come. Lengths of time are in milliseconds. */
export interface Announcement {
  readonly certificate: Certificate;
  /** As people are told: `well-known https://…`. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  /** Between reads that gave it without interruption, each over a connection that what was trusted then verified. */
  readonly heldMs: number;
  readonly holdDownMs: number;
  /** The source gave it in this pass too. */
  readonly isConfirmed: boolean;
  /** What verified the connection when it was first given, `sha256:…`; undefined for a file of this host. */
  readonly verifiedBy: string | undefined;
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
  /** What trust sources have given, in this pass or before. */
  readonly announced: readonly Announcement[];
  /** Fingerprints (hex) that a person has turned down. */
  readonly rejected: readonly string[];
  readonly retired: readonly RetiredKey[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Held, or retired: what has gone must not come back by being shown again. */
export function isKnown(
  { held, retired }: Pick<RotationEvidence, "held" | "retired">,
  { fingerprint, spkiFingerprint }: Certificate,
): boolean {
  if (held.some((each) => each.fingerprint === fingerprint)) return true;
  if (retired.some((each) => each.fingerprint === fingerprint)) return true;
  const isHeldKey = held.some((each) => each.spkiFingerprint === spkiFingerprint);
  return !isHeldKey && retired.some((each) => each.spki === spkiFingerprint);
}

/** What Go says of what is served, if `anchors` were trusted. */
export function judgeServed(
  { served, name, now }: Pick<RotationEvidence, "served" | "name" | "now">,
  anchors: readonly Certificate[],
): Verdict {
  return judgeChain({ served, anchors, name, now });
}
