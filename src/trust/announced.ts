import { problem, type Problem } from "../findings/problem.ts";
import type { Certificate } from "./certificate.ts";
import { judgeChain } from "./chain.ts";
import { describeServed } from "./describe-served.ts";
import { showFingerprint } from "./fingerprint.ts";
import { isKnown, judgeServed, type Announcement, type Followed, type RotationEvidence } from "./rotation-evidence.ts";
import { showDuration } from "./show-duration.ts";

/** What a source has given before, as it is remembered. */
export type Remembered = Pick<Announcement, "certificate" | "firstSeen" | "heldMs" | "verifiedBy">;

/** What a source said in this pass, over a connection that is verified; `failed`: it said nothing that counts. */
export type SourceAnswer =
  | { readonly kind: "given"; readonly certificates: readonly Certificate[]; readonly verifiedBy: string | undefined }
  | { readonly kind: "unchanged" }
  | { readonly kind: "failed" };

/** What an announced certificate is measured by. */
export type AnnouncedContext = Pick<RotationEvidence, "name" | "held" | "retired" | "rejected" | "now">;

// a rotation needs one, or a root and an intermediate of two CAs
const MOST_ANNOUNCED = 8;

/**
 * What a source announces now. Time counts only between two answers that both gave the certificate: `elapsedMs` is the
 * time since the last one. A failed read neither counts nor forgets; what is no longer given is forgotten.
 */
export function followSource(
  remembered: readonly Remembered[],
  answer: SourceAnswer,
  elapsedMs: number,
  context: AnnouncedContext,
): readonly (Remembered & Pick<Announcement, "isConfirmed">)[] {
  const news = remembered.filter(({ certificate }) => isNews(certificate, context));
  if (answer.kind === "failed") return news.map((each) => ({ ...each, isConfirmed: false }));
  const count = (each: Remembered) => ({ ...each, heldMs: each.heldMs + elapsedMs, isConfirmed: true });
  if (answer.kind === "unchanged") return news.map(count);
  const given = answer.certificates.filter((each) => isNews(each, context)).slice(0, MOST_ANNOUNCED);
  return given.map((certificate) => {
    const known = news.find((each) => each.certificate.fingerprint === certificate.fingerprint);
    if (known !== undefined) return count(known);
    return { certificate, firstSeen: context.now, heldMs: 0, isConfirmed: true, verifiedBy: answer.verifiedBy };
  });
}

/** Announced for as long as declared, and still so: to be trusted beside what is trusted, served or not. */
export function findDue(evidence: RotationEvidence): readonly Followed[] {
  return evidence.announced
    .filter((each) => each.isConfirmed && each.heldMs >= each.holdDownMs && isNews(each.certificate, evidence))
    .map((each) => ({ certificate: each.certificate, reason: "announced", evidence: describe(each) }));
}

/** Says of what is served that it was announced, and how long it would have to be yet; undefined if it was not. */
export function explainEarly(evidence: RotationEvidence): Problem | undefined {
  const { announced, served, held, authority } = evidence;
  const early = announced
    .filter((each) => isNews(each.certificate, evidence) && judgeServed(evidence, [each.certificate]).ok)
    .toSorted((one, other) => leftOf(one) - leftOf(other))[0];
  const leaf = served[0];
  if (early === undefined || leaf === undefined) return undefined;
  const facts = {
    name: authority,
    seen: showFingerprint(leaf),
    held: held.map(showFingerprint).join(", "),
    source: early.source,
    since: toIso(early.firstSeen),
    left: showDuration(leftOf(early)),
    holdDown: showDuration(early.holdDownMs),
  };
  return problem("RC-TRU-032", facts, [...describeServed(served), `announced: ${describe(early)}`]);
}

/** How long it would have to be announced yet. */
function leftOf({ holdDownMs, heldMs }: Announcement): number {
  return Math.max(0, holdDownMs - heldMs);
}

/** Neither trusted, nor trusted before, nor turned down; and of use once it is served. */
function isNews(certificate: Certificate, context: AnnouncedContext): boolean {
  if (isKnown(context, certificate) || context.rejected.includes(certificate.fingerprint)) return false;
  return canVouch(certificate, context);
}

/** A CA, which may issue what is served one day; or a certificate that Go would take for this name when it is served. */
function canVouch(certificate: Certificate, { name, now }: AnnouncedContext): boolean {
  const { goRefusal, isCA, notBefore, notAfter } = certificate;
  if (goRefusal !== undefined || notAfter < now) return false;
  if (isCA === true) return true;
  return judgeChain({ served: [certificate], anchors: [certificate], name, now: Math.max(now, notBefore) }).ok;
}

function describe({ source, firstSeen, verifiedBy }: Announcement): string {
  const connection = verifiedBy === undefined ? "" : `, over a connection that ${verifiedBy} verified`;
  return `by ${source}, first seen ${toIso(firstSeen)}${connection}`;
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
