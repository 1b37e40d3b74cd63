import { parseAnchors } from "../../enrollment/anchors.ts";
import type { TrustSource } from "../../enrollment/declared-sources.ts";
import type { Decision } from "../../enrollment/decisions.ts";
import type { Anchor, PendingCertificate, RegistryState, RejectedCertificate } from "../../enrollment/state.ts";
import { printable } from "../../findings/problem.ts";
import type { Painter } from "./paint.ts";
import { showDay, showTime } from "./show-time.ts";
import { announcedLines, sourceLines, viewSources, type AnnouncedView, type SourceView } from "./source-text.ts";

/** What a host trusts for a registry, what waits and what was turned down, as scripts get it. */
export interface TrustView {
  readonly anchors: readonly (Omit<Anchor, "pem"> & { readonly until: string })[];
  readonly pending: readonly Omit<PendingCertificate, "chain">[];
  readonly rejected: readonly RejectedCertificate[];
  readonly sources: readonly SourceView[];
  readonly announced: readonly AnnouncedView[];
}

/** Trust as it is on record, and where it is declared to look for what is to come. */
export function viewTrust(state: RegistryState, sources: readonly TrustSource[]): TrustView {
  return {
    ...viewSources(state, state.anchors.length > 0 ? sources : []),
    anchors: state.anchors.map(({ pem, ...anchor }) => {
      const [certificate] = parseAnchors([{ fingerprint: anchor.fingerprint, pem }]);
      return { ...anchor, until: certificate === undefined ? "unreadable" : toIso(certificate.notAfter) };
    }),
    pending: (state.pending ?? []).map(({ chain: _pem, ...pending }) => pending),
    rejected: state.rejected ?? [],
  };
}

/** Trust in lines: the anchors, with how long each has been of use where `inFull`, and what waits. */
export function trustLines(name: string, view: TrustView, paint: Painter, inFull: boolean): readonly string[] {
  const anchors = view.anchors.flatMap((anchor) => [
    `  trusted  ${anchor.fingerprint}, until ${showDay(anchor.until)}`,
    `           since ${showDay(anchor.since)} by ${anchor.by}, because: ${because(anchor)}`,
    ...(inFull ? [`           ${useText(anchor)}`] : []),
  ]);
  return [
    ...(anchors.length > 0 ? anchors : ["  trusted  by the system's own CAs"]),
    ...view.announced.flatMap((each) => announcedLines(each, paint)),
    ...view.pending.flatMap((pending) => pendingLines(name, pending, paint)),
    ...sourceLines(view.sources, paint, inFull),
    ...(inFull
      ? view.rejected.map((each) => `  rejected ${each.fingerprint}, on ${showDay(each.since)} by ${each.by}`)
      : []),
  ];
}

/** A decision: what became of which certificate, on whose word, and why. */
export function decisionLines({ when, who, what, ...why }: Decision): readonly string[] {
  return [
    `  ${showTime(when)}, ${what} by ${who}`,
    `           ${why.fingerprint}`,
    `           because: ${because(why)}`,
  ].map(printable);
}

/** The fingerprint that somebody gave is said already where it is the certificate's own. */
function because({ fingerprint, reason, evidence }: Pick<Decision, "fingerprint" | "reason" | "evidence">): string {
  return evidence === fingerprint ? reason : `${reason} (${evidence})`;
}

function pendingLines(name: string, pending: TrustView["pending"][number], paint: Painter): readonly string[] {
  const { fingerprint, subject, issuer, notAfter, firstSeen, spki } = pending;
  return [
    `  ${paint.magenta("waiting")}  ${fingerprint}, first seen ${showDay(firstSeen)}`,
    printable(`           ${subject}, issued by ${issuer}, until ${showDay(notAfter)}, ${spki}`),
    `           regclient trust accept ${name} ${fingerprint}   (or reject)`,
  ];
}

function useText({ lastNeeded, unneededSince }: TrustView["anchors"][number]): string {
  const needed = lastNeeded === undefined ? "not yet seen to be needed" : `last needed ${showDay(lastNeeded)}`;
  return unneededSince === undefined ? needed : `${needed}; not needed since ${showDay(unneededSince)}`;
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
