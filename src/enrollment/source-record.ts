import { followSource, type Remembered, type SourceAnswer } from "../trust/announced.ts";
import { showFingerprint } from "../trust/fingerprint.ts";
import type { Announcement, RotationEvidence } from "../trust/rotation-evidence.ts";
import { showDuration } from "../trust/show-duration.ts";
import { parseAnchors } from "./anchors.ts";
import type { TrustSource } from "./declared-sources.ts";
import type { Decision } from "./decisions.ts";
import type { SourceReading } from "./source-reading.ts";
import type { AnnouncedCertificate, RegistryState, WatchedSource } from "./state.ts";

/** What one source announces, and what is to be remembered of it. */
export interface FollowedSource {
  readonly source: TrustSource;
  readonly announced: readonly Announcement[];
  /** Undefined: there is nothing to remember. */
  readonly record: WatchedSource | undefined;
}

/** What the sources are measured by: trust as it is, and both clocks, in milliseconds. */
export interface SourceContext extends Pick<RotationEvidence, "name" | "held" | "retired" | "rejected" | "now"> {
  readonly uptime: number;
  readonly state: RegistryState | undefined;
}

const DAY = 86_400_000;

/** Measures what every source said by what it had said before. */
export function followSources(readings: readonly SourceReading[], context: SourceContext): readonly FollowedSource[] {
  return readings.map((reading) => {
    const { source } = reading;
    const before = context.state?.sources?.find(({ location }) => location === source.location);
    const known = recall(source, context);
    const found = followSource(known, answerOf(reading), elapsedSince(before, context), context);
    const named = { source: `${source.kind} ${source.location}`, holdDownMs: source.holdDownMs };
    const announced = found.map((each) => ({ ...each, ...named }));
    return { source, announced, record: recordOf(reading, before, announced, context) };
  });
}

/** What is announced, as it is remembered, without what is trusted by now (`sha256:…`). */
export function recordAnnounced(
  followed: readonly FollowedSource[],
  trusted: readonly string[],
): readonly AnnouncedCertificate[] {
  return followed.flatMap(({ source, announced }) =>
    announced.flatMap(({ certificate, firstSeen, heldMs, verifiedBy }) => {
      const fingerprint = showFingerprint(certificate);
      if (trusted.includes(fingerprint)) return [];
      const { subject, issuer, pem, spkiFingerprint, notAfter } = certificate;
      return {
        fingerprint,
        spki: `spki:${spkiFingerprint}`,
        subject,
        issuer,
        notAfter: toIso(notAfter),
        pem,
        source: source.location,
        firstSeen: toIso(firstSeen),
        held: heldMs,
        ...(verifiedBy !== undefined && { verifiedBy }),
      };
    }),
  );
}

/** What has begun to be announced, or ceased to be, without being trusted by now. */
export function listNews(
  followed: readonly FollowedSource[],
  before: readonly AnnouncedCertificate[],
  after: readonly AnnouncedCertificate[],
  trusted: readonly string[],
): readonly Pick<Decision, "what" | "fingerprint" | "reason" | "evidence">[] {
  const isIn = (list: readonly AnnouncedCertificate[], { fingerprint, source }: AnnouncedCertificate): boolean =>
    list.some((each) => each.fingerprint === fingerprint && each.source === source);
  const fresh = after.filter((each) => !isIn(before, each));
  const gone = before.filter((each) => !isIn(after, each) && !trusted.includes(each.fingerprint));
  return [
    ...fresh.map(({ fingerprint, source, subject, verifiedBy }) => {
      const of = followed.find((each) => each.source.location === source)?.source;
      const over = verifiedBy === undefined ? "" : `, over a connection that ${verifiedBy} verified`;
      const when = `to be trusted after ${showDuration(of?.holdDownMs ?? 0)}`;
      const evidence = `${subject}, by ${of?.kind} ${source}${over}; ${when}`;
      return { what: "announced" as const, fingerprint, reason: of?.kind ?? "", evidence };
    }),
    ...gone.map(({ fingerprint, source, firstSeen }) => {
      const isDeclared = followed.some((each) => each.source.location === source);
      const reason = isDeclared ? "no longer given, or of no use" : "its source is not asked any more";
      return { what: "withdrawn" as const, fingerprint, reason, evidence: `${source}, first seen ${firstSeen}` };
    }),
  ];
}

function recall({ location }: TrustSource, { state }: SourceContext): readonly Remembered[] {
  return (state?.announced ?? [])
    .filter(({ source }) => source === location)
    .flatMap(({ fingerprint, pem, firstSeen, held, verifiedBy }) => {
      const [certificate] = parseAnchors([{ fingerprint, pem }]);
      return certificate === undefined
        ? []
        : [{ certificate, firstSeen: Date.parse(firstSeen), heldMs: held, verifiedBy }];
    });
}

function answerOf({ outcome }: SourceReading): SourceAnswer {
  if (outcome.kind !== "given") return { kind: outcome.kind };
  const { certificates } = outcome;
  return { kind: "given", certificates, verifiedBy: "verifiedBy" in outcome ? outcome.verifiedBy : undefined };
}

/**
 * How long ago a source was last read, at the least: what the clock says, and what the machine's uptime says, whichever is
 * less. After a start of the machine its uptime is certainly less than the truth. A clock that is set counts for nothing.
 */
function elapsedSince(before: WatchedSource | undefined, { now, uptime }: SourceContext): number {
  if (before?.read === undefined || before.uptime === undefined) return 0;
  const byClock = now - Date.parse(before.read);
  const byUptime = uptime >= before.uptime ? uptime - before.uptime : uptime;
  return Math.max(0, Math.min(byClock, byUptime)) || 0;
}

function recordOf(
  { source, outcome }: SourceReading,
  before: WatchedSource | undefined,
  announced: readonly Announcement[],
  context: SourceContext,
): WatchedSource | undefined {
  const { kind, location } = source;
  const known = before ?? { kind, location, gives: [] };
  if (outcome.kind === "failed") {
    // a certificate that nothing vouches for is on record by itself, and most registries have no such file
    const isNothing = outcome.isUnverified || (outcome.isSilence && before === undefined);
    const { code, cause } = outcome.problem;
    if ((source.isImplicit && isNothing) || known.failure?.code === code) return before;
    return { ...known, failure: { code, reason: cause, since: toIso(context.now) } };
  }
  const { failure: _over, ...rest } = known;
  const read = { read: toIso(context.now), uptime: context.uptime };
  if (outcome.kind === "unchanged") return keepIfSame(before, { ...rest, ...read }, announced, context);
  const gives = outcome.certificates.map(showFingerprint);
  if (source.isImplicit && gives.length === 0 && before === undefined) return undefined;
  const validators = "verifiedBy" in outcome ? defined(outcome.etag, outcome.lastModified) : {};
  return keepIfSame(before, { kind, location, ...read, ...validators, gives }, announced, context);
}

/** While nothing is to come, that it was read once more is worth a write only once a day. */
function keepIfSame(
  before: WatchedSource | undefined,
  after: WatchedSource,
  announced: readonly Announcement[],
  { now }: SourceContext,
): WatchedSource {
  if (before?.read === undefined || announced.length > 0) return after;
  const isRecent = Math.abs(now - Date.parse(before.read)) < DAY;
  const withTimesOf = { ...after, read: before.read, uptime: before.uptime };
  const isSame = JSON.stringify(sorted(withTimesOf)) === JSON.stringify(sorted(before));
  return isRecent && isSame ? before : after;
}

function sorted(record: WatchedSource): readonly unknown[] {
  return Object.entries(record).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function defined(etag: string | undefined, lastModified: string | undefined): Partial<WatchedSource> {
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
