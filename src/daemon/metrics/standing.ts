import type { FindingCode } from "../../findings/catalogue.ts";
import type { ExpiringCertificate, PassedRegistry, PassReport } from "../pass-report.ts";

/** What a pass came to: `ok`, or the code of the finding that ended it. */
export type PassCode = FindingCode | "ok";

/** How the passes over one registry went since the daemon began. Times are milliseconds since the epoch. */
export interface Standing {
  readonly code: PassCode;
  readonly endedAt: number;
  readonly tookMs: number;
  readonly nextAt: number;
  /** Undefined until a pass has come to its end. */
  readonly succeededAt: number | undefined;
  readonly failuresInARow: number;
  /** How often each outcome was met. */
  readonly passes: Readonly<Partial<Record<PassCode, number>>>;
  readonly healedFiles: number;
  readonly healingPasses: number;
  /** What was served when that was last seen. */
  readonly leaf: ExpiringCertificate | undefined;
  readonly anchors: readonly ExpiringCertificate[];
  readonly pending: number;
}

const NOTHING_YET = {
  succeededAt: undefined,
  failuresInARow: 0,
  passes: {},
  healedFiles: 0,
  healingPasses: 0,
  leaf: undefined,
  anchors: [],
  pending: 0,
};

/** The standing after one more pass. One that failed leaves what was known of the certificates as it was. */
export function afterPass(before: Standing | undefined, report: PassReport): Standing {
  if (before !== undefined && report.scope === "host" && report.result.ok)
    return { ...before, nextAt: report.nextAt, ...healedBy(before, report.result.value) };
  const { result, startedAt, tookMs, nextAt } = report;
  const known = before ?? NOTHING_YET;
  const code = result.ok ? "ok" : result.problem.code;
  const endedAt = startedAt + tookMs;
  const passes: Standing["passes"] = { ...known.passes, [code]: ((known.passes as Standing["passes"])[code] ?? 0) + 1 };
  const common = { code, endedAt, tookMs, nextAt, passes } as const;
  if (!result.ok) return { ...known, ...common, failuresInARow: known.failuresInARow + 1 };
  const { leaf } = result.value;
  return {
    ...common,
    succeededAt: endedAt,
    failuresInARow: 0,
    leaf: leaf ?? known.leaf,
    ...healedBy(known, result.value),
  };
}

/** What also a pass that did not ask the registry knows: that one says nothing of whether it can be reached. */
function healedBy(
  known: Pick<Standing, "healedFiles" | "healingPasses">,
  { healed, anchors, pending }: PassedRegistry,
): Pick<Standing, "healedFiles" | "healingPasses" | "anchors" | "pending"> {
  return {
    healedFiles: known.healedFiles + healed.length,
    healingPasses: known.healingPasses + (healed.length > 0 ? 1 : 0),
    anchors,
    pending: pending.length,
  };
}
