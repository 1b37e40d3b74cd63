import type { Certificate } from "../trust/certificate.ts";
import { showFingerprint } from "../trust/fingerprint.ts";
import type { DialledName } from "../trust/hostname.ts";
import { reviewAnchors, type AnchorUse, type ReviewedAnchor } from "../trust/overlap.ts";
import { parseAnchors } from "./anchors.ts";
import type { Decision } from "./decisions.ts";
import { listNews, recordAnnounced, type FollowedSource } from "./source-record.ts";
import type { AnnouncedCertificate, Anchor, PendingCertificate, RegistryState, TrustRecord } from "./state.ts";

/** What a record of trust is made from. */
export interface TrustContext {
  readonly name: DialledName;
  /** The registry's key. */
  readonly registry: string;
  readonly served: readonly Certificate[];
  readonly state: RegistryState | undefined;
  readonly graceMs: number;
  /** `sha256:…` of what a declared file, URL or trust source gives now: what is to come stays while it is announced. */
  readonly awaited: readonly string[];
  /** What trust sources said; undefined: they were not asked, and what they said before stands. */
  readonly followed?: readonly FollowedSource[];
  readonly now: number;
  readonly by: string;
}

/** Trust as it is to be from now on, and what has been decided. */
export interface SettledTrust {
  readonly anchors: readonly Anchor[];
  readonly record: TrustRecord;
  readonly decisions: readonly Decision[];
}

const MOST_PENDING = 4;
const MOST_RETIRED = 100;
const LONGEST_CHAIN = 8;

/** The anchor that a certificate becomes. */
export function makeAnchor(
  { now, by }: Pick<TrustContext, "now" | "by">,
  certificate: Certificate,
  why: Pick<Anchor, "reason" | "evidence">,
): Anchor {
  const { reason, evidence } = why;
  const fingerprint = showFingerprint(certificate);
  return { fingerprint, pem: certificate.pem, reason, evidence, since: toIso(now), by };
}

/**
 * The record for `wanted` anchors: what nothing needs any more is retired, what is new is decided, what has been answered
 * no longer waits.
 */
export function settleTrust(context: TrustContext, wanted: readonly Anchor[], what: Decision["what"]): SettledTrust {
  const before = context.state?.anchors ?? [];
  const reviewed = wanted.map((anchor) => ({ anchor, certificate: parseAnchors([anchor])[0] }));
  const uses = reviewed.flatMap(({ anchor, certificate }) =>
    certificate ? [useOf(context, anchor, certificate)] : [],
  );
  const found = new Map(reviewAnchors(uses, context).map((each) => [showFingerprint(each.certificate), each]));
  const kept = wanted.filter(({ fingerprint }) => found.get(fingerprint)?.isRetired !== true);
  const retired = wanted.filter((anchor) => !kept.includes(anchor));
  const replaced = before.filter(({ fingerprint }) => !wanted.some((each) => each.fingerprint === fingerprint));
  const added = kept.filter(({ fingerprint }) => !before.some((each) => each.fingerprint === fingerprint));
  const record = recordFor(context, kept, [...retired, ...replaced]);
  return {
    anchors: kept.map((anchor) => markUse(anchor, found.get(anchor.fingerprint))),
    record,
    decisions: [
      ...decideNews(context, record, kept),
      ...added.map((each) => decide(context, what, each.fingerprint, each)),
      ...replaced.map(({ fingerprint }) => decide(context, "replaced", fingerprint, REPLACED)),
      ...retired.map((each) => decide(context, "retired", each.fingerprint, whyRetired(each))),
    ],
  };
}

const REPLACED = { reason: "replaced", evidence: "others took its place on a person's word" };

/** The record with what is served now waiting for a person; the same when it waits already, or too much does. */
export function recordPending(context: TrustContext): Omit<SettledTrust, "anchors"> {
  const record = recordFor(context, [], []);
  const news = decideNews(context, record, []);
  const { pending = [] } = record;
  const leaf = context.served[0];
  if (leaf === undefined || pending.length >= MOST_PENDING) return { record, decisions: news };
  if (pending.some(({ fingerprint }) => fingerprint === showFingerprint(leaf))) return { record, decisions: news };
  const evidence = `${leaf.subject}, issued by ${leaf.issuer}, spki:${leaf.spkiFingerprint}`;
  const why = { reason: "nothing trusted vouches for it", evidence };
  return {
    record: { ...record, pending: [...pending, describePending(leaf, context)] },
    decisions: [...news, decide(context, "pending", showFingerprint(leaf), why)],
  };
}

/** A decision, signed with time and name. */
export function decide(
  { now, by, registry }: Pick<TrustContext, "now" | "by" | "registry">,
  what: Decision["what"],
  fingerprint: string,
  { reason, evidence }: Pick<Decision, "reason" | "evidence">,
): Decision {
  return { when: toIso(now), who: by, registry, what, fingerprint, reason, evidence };
}

function useOf({ awaited }: TrustContext, anchor: Anchor, certificate: Certificate): AnchorUse {
  const { fingerprint, lastNeeded, unneededSince } = anchor;
  const isAwaited = awaited.includes(fingerprint);
  return { certificate, lastNeeded: timeOf(lastNeeded), unneededSince: timeOf(unneededSince), isAwaited };
}

function decideNews(context: TrustContext, after: TrustRecord, kept: readonly Anchor[]): readonly Decision[] {
  const { followed, state } = context;
  if (followed === undefined) return [];
  const trusted = kept.map(({ fingerprint }) => fingerprint);
  const news = listNews(followed, state?.announced ?? [], after.announced ?? [], trusted);
  return news.map(({ what, fingerprint, ...why }) => decide(context, what, fingerprint, why));
}

function markUse(anchor: Anchor, reviewed: ReviewedAnchor | undefined): Anchor {
  if (reviewed === undefined) return anchor;
  const { lastNeeded: _needed, unneededSince: _unneeded, ...rest } = anchor;
  return {
    ...rest,
    ...(reviewed.lastNeeded !== undefined && { lastNeeded: toIso(reviewed.lastNeeded) }),
    ...(reviewed.unneededSince !== undefined && { unneededSince: toIso(reviewed.unneededSince) }),
  };
}

function whyRetired({ unneededSince, lastNeeded }: Anchor): Pick<Decision, "reason" | "evidence"> {
  const since = unneededSince === undefined ? "" : `, not needed since ${unneededSince}`;
  return { reason: "grace", evidence: `last needed ${lastNeeded ?? "unknown"}${since}` };
}

function recordFor(context: TrustContext, kept: readonly Anchor[], gone: readonly Anchor[]): TrustRecord {
  const { state, now, followed } = context;
  const isKept = ({ fingerprint }: { readonly fingerprint: string }): boolean =>
    kept.some((each) => each.fingerprint === fingerprint);
  const retired = gone.flatMap(({ fingerprint, pem }) => {
    const spki = parseAnchors([{ fingerprint, pem }])[0]?.spkiFingerprint;
    return spki === undefined ? [] : [{ fingerprint, spki, since: toIso(now) }];
  });
  return {
    pending: (state?.pending ?? []).filter((each) => isWaiting(each, kept, context)),
    rejected: (state?.rejected ?? []).filter((each) => !isKept(each)),
    retired: [...(state?.retired ?? []), ...retired].filter((each) => !isKept(each)).slice(-MOST_RETIRED),
    ...(followed === undefined ? recordedSources(state) : recordSources(followed, kept, retired)),
  };
}

function recordedSources(state: RegistryState | undefined): Pick<TrustRecord, "sources" | "announced"> {
  return { sources: state?.sources, announced: state?.announced };
}

function recordSources(
  followed: readonly FollowedSource[],
  kept: readonly Anchor[],
  retired: NonNullable<TrustRecord["retired"]>,
): Pick<TrustRecord, "sources" | "announced"> {
  const trusted = kept.map(({ fingerprint }) => fingerprint);
  const keys = new Set(parseAnchors(kept).map(({ spkiFingerprint }) => `spki:${spkiFingerprint}`));
  // what goes in this very pass does not come back by being announced
  const isGone = ({ fingerprint, spki }: AnnouncedCertificate): boolean =>
    retired.some((each) => each.fingerprint === fingerprint || (`spki:${each.spki}` === spki && !keys.has(spki)));
  return {
    sources: followed.flatMap(({ record }) => record ?? []),
    announced: recordAnnounced(followed, trusted).filter((each) => !isGone(each)),
  };
}

/** What has become trusted waits no more; nor does, after the grace, what is not shown any more. */
function isWaiting(pending: PendingCertificate, kept: readonly Anchor[], context: TrustContext): boolean {
  const chain = new Set(parseAnchors([{ fingerprint: pending.fingerprint, pem: pending.chain }]).map(showFingerprint));
  if (kept.some(({ fingerprint }) => chain.has(fingerprint))) return false;
  const isServed = context.served[0] !== undefined && showFingerprint(context.served[0]) === pending.fingerprint;
  return isServed || context.now - (timeOf(pending.firstSeen) ?? 0) < context.graceMs;
}

function describePending(leaf: Certificate, { served, now }: TrustContext): PendingCertificate {
  return {
    fingerprint: showFingerprint(leaf),
    spki: `spki:${leaf.spkiFingerprint}`,
    subject: leaf.subject,
    issuer: leaf.issuer,
    notAfter: toIso(leaf.notAfter),
    firstSeen: toIso(now),
    chain: served
      .slice(0, LONGEST_CHAIN)
      .map(({ pem }) => pem)
      .join(""),
  };
}

function timeOf(iso: string | undefined): number | undefined {
  const time = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(time) ? undefined : time;
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
