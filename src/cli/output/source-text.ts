import type { TrustSource } from "../../enrollment/declared-sources.ts";
import type { AnnouncedCertificate, RegistryState, WatchedSource } from "../../enrollment/state.ts";
import { printable } from "../../findings/problem.ts";
import { showDuration } from "../../trust/show-duration.ts";
import type { Painter } from "./paint.ts";
import { showDay, showTime } from "./show-time.ts";

/** Where certificates to come are announced, as scripts get it. `holdDown` is in seconds. */
export interface SourceView extends Pick<WatchedSource, "kind" | "location" | "read" | "gives" | "failure"> {
  readonly holdDown: number;
}

/** What is announced, as scripts get it. */
export interface AnnouncedView extends Omit<AnnouncedCertificate, "pem" | "held"> {
  /** Seconds of its hold-down that had not passed when the source was last read. */
  readonly left: number;
  /** When it is to be trusted, at the earliest and if nothing comes between (ISO 8601). */
  readonly trustedFrom: string;
}

/** The sources and what they announce, as it is on record. */
export function viewSources(
  state: RegistryState,
  sources: readonly TrustSource[],
): { readonly sources: readonly SourceView[]; readonly announced: readonly AnnouncedView[] } {
  const views = sources.map(({ kind, location, holdDownMs }): SourceView => {
    const { read, gives = [], failure } = recordOf(state, location) ?? {};
    return {
      kind,
      location,
      holdDown: holdDownMs / 1000,
      gives,
      ...(read !== undefined && { read }),
      ...(failure && { failure }),
    };
  });
  const announced = (state.announced ?? []).flatMap(({ pem: _pem, held, ...each }): readonly AnnouncedView[] => {
    const source = sources.find(({ location }) => location === each.source);
    if (source === undefined) return [];
    const left = Math.max(0, source.holdDownMs - held);
    const read = recordOf(state, each.source)?.read ?? each.firstSeen;
    const trustedFrom = new Date(Date.parse(read) + left).toISOString();
    return [{ ...each, left: Math.ceil(left / 1000), trustedFrom }];
  });
  return { sources: views, announced };
}

/** What is announced, and when it will be trusted. */
export function announcedLines(announced: AnnouncedView, paint: Painter): readonly string[] {
  const { fingerprint, subject, issuer, notAfter, source, firstSeen, left, trustedFrom } = announced;
  return [
    `  ${paint.magenta("coming")}   ${fingerprint}, first seen ${showTime(firstSeen)}`,
    printable(`           ${subject}, issued by ${issuer}, until ${showDay(notAfter)}`),
    printable(`           announced by ${source}`),
    `           to be trusted from ${showTime(trustedFrom)} on, if it stays announced (${showDuration(left * 1000)} to pass)`,
  ];
}

/** The sources: those that were read once or cannot be, and `inFull` all of them. */
export function sourceLines(sources: readonly SourceView[], paint: Painter, inFull: boolean): readonly string[] {
  return sources.flatMap(({ kind, location, read, gives, failure, holdDown }) => {
    if (!inFull && failure === undefined && read === undefined) return [];
    const count = `${gives.length} ${gives.length === 1 ? "certificate" : "certificates"}`;
    const seen = read === undefined ? "nothing was read there yet" : `last read ${showTime(read)}: ${count}`;
    return [
      printable(`  source   ${kind} ${location}, hold-down ${showDuration(holdDown * 1000)}`),
      `           ${seen}`,
      ...(failure === undefined
        ? []
        : [
            `           ${paint.magenta("not readable")} since ${showTime(failure.since)}: ${printable(failure.reason)} [${failure.code}]`,
          ]),
    ];
  });
}

function recordOf({ sources = [] }: RegistryState, location: string): WatchedSource | undefined {
  return sources.find((each) => each.location === location);
}
