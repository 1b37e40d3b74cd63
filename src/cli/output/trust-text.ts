import { parseAnchors } from "../../enrollment/anchors.ts";
import type { TrustSource } from "../../enrollment/declared-sources.ts";
import type { Decision } from "../../enrollment/decisions.ts";
import type { Anchor, PendingCertificate, RegistryState, RejectedCertificate } from "../../enrollment/state.ts";
import { printable } from "../../findings/problem.ts";
import type { Painter } from "./paint.ts";
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
    `  trusted  ${anchor.fingerprint}, until ${day(anchor.until)}`,
    `           since ${day(anchor.since)} by ${anchor.by}, because: ${anchor.reason} (${anchor.evidence})`,
    ...(inFull ? [`           ${useText(anchor)}`] : []),
  ]);
  return [
    ...(anchors.length > 0 ? anchors : ["  trusted  by the system's own CAs"]),
    ...view.announced.flatMap((each) => announcedLines(each, paint)),
    ...view.pending.flatMap((pending) => pendingLines(name, pending, paint)),
    ...sourceLines(view.sources, paint, inFull),
    ...(inFull
      ? view.rejected.map((each) => `  rejected ${each.fingerprint}, on ${day(each.since)} by ${each.by}`)
      : []),
  ];
}

/** A decision in one line. */
export function decisionLine({ when, who, what, fingerprint, reason, evidence }: Decision): string {
  return printable(`  ${when} ${who}: ${what} ${fingerprint}: ${reason} (${evidence})`);
}

function pendingLines(name: string, pending: TrustView["pending"][number], paint: Painter): readonly string[] {
  const { fingerprint, subject, issuer, notAfter, firstSeen, spki } = pending;
  return [
    `  ${paint.yellow("waiting")}  ${fingerprint}, first seen ${day(firstSeen)}`,
    printable(`           ${subject}, issued by ${issuer}, until ${day(notAfter)}, ${spki}`),
    `           regclient trust accept ${name} ${fingerprint}   (or reject)`,
  ];
}

function useText({ lastNeeded, unneededSince }: TrustView["anchors"][number]): string {
  const needed = lastNeeded === undefined ? "not yet seen to be needed" : `last needed ${day(lastNeeded)}`;
  return unneededSince === undefined ? needed : `${needed}; not needed since ${day(unneededSince)}`;
}

function day(iso: string): string {
  return iso.slice(0, 10);
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
