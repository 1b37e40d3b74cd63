import type { Problem } from "../findings/problem.ts";
import type { Log } from "./log.ts";
import type { ExpiringCertificate, PassedRegistry, PassReport } from "./pass-report.ts";

/** What has been said of a registry, so that it is not said again. */
interface Said {
  /** The failure that lasts, and how often it came. */
  readonly failure: string;
  readonly failures: number;
  readonly since: number;
  readonly warnedAt: number;
}

const DAY = 86_400_000;
const NEAR_MS = 14 * DAY;
// a certificate that lives for a day is renewed in its last hours
const NEAR_SHARE = 1 / 5;

/** Tells of passes what somebody would want to read: what changed, what fails and since when, what ends soon. */
export function createPassLog(log: Log, now: () => number): (report: PassReport) => void {
  const said = new Map<string, Said>();
  const warned = new Map<string, number>();
  return (report) => {
    if (report.result.ok) {
      tellRecovery(report, said, log);
      tellHealed(report, report.result.value, log);
      tellExpiry(report.registry, report.result.value, { warned, log, now: now() });
    } else tellFailure(report, report.result.problem, { said, log, now: now() });
  };
}

/** Only a pass of the same kind shows that a failure is over. */
function keyOf({ registry, scope = "registry" }: PassReport): string {
  return `${scope} ${registry}`;
}

function tellRecovery(report: PassReport, said: Map<string, Said>, log: Log): void {
  const before = said.get(keyOf(report));
  said.delete(keyOf(report));
  if (before === undefined) return;
  const seconds = Math.round((report.startedAt - before.since) / 1000);
  log("notice", "well again", { registry: report.registry, failures: before.failures, seconds });
}

function tellHealed({ registry, wake, tookMs }: PassReport, { healed, isFirst }: PassedRegistry, log: Log): void {
  if (healed.length === 0) return;
  const fields = { registry, paths: healed.join(","), wake, ms: Math.round(tookMs) };
  log("notice", isFirst === true ? "enrolled" : "put right", fields);
}

interface Telling {
  readonly log: Log;
  readonly now: number;
}

/** A warning at first and when it becomes another; once a day while somebody's word is waited for; else for the record. */
function tellFailure(
  report: PassReport,
  { code, summary, cause }: Problem,
  { said, log, now }: Telling & { readonly said: Map<string, Said> },
): void {
  const pending = report.recorded?.pending ?? [];
  const before = said.get(keyOf(report));
  const failure = [code, summary, ...pending].join("\n");
  const isNew = before?.failure !== failure;
  const isDaily = pending.length > 0 && now - (before?.warnedAt ?? 0) >= DAY;
  const isWarning = isNew || isDaily;
  const failures = (before?.failures ?? 0) + 1;
  const next = Math.max(0, Math.round((report.nextAt - now) / 1000));
  const fields = { registry: report.registry, code, cause, failures, "next-s": next };
  log(isWarning ? "warning" : "info", summary, {
    ...fields,
    ...(pending.length > 0 && { pending: pending.join(",") }),
  });
  const warnedAt = isWarning ? now : (before?.warnedAt ?? now);
  said.set(keyOf(report), { failure, failures, since: before?.since ?? report.startedAt, warnedAt });
}

/** Once a day for each certificate that a registry or its trust stands on. */
function tellExpiry(
  registry: string,
  { anchors, leaf }: PassedRegistry,
  { warned, log, now }: Telling & { readonly warned: Map<string, number> },
): void {
  for (const [fingerprint, at] of warned) if (now - at >= DAY) warned.delete(fingerprint);
  const all = new Map([...anchors, ...(leaf === undefined ? [] : [leaf])].map((each) => [each.fingerprint, each]));
  for (const [fingerprint, certificate] of all) {
    const key = `${registry} ${fingerprint}`;
    if (!isNear(certificate, now) || warned.has(key)) continue;
    warned.set(key, now);
    const until = new Date(certificate.notAfter).toISOString();
    const has = certificate.notAfter < now ? "a certificate has ended" : "a certificate ends soon";
    log("warning", has, { registry, fingerprint, until });
  }
}

function isNear({ notAfter, notBefore }: ExpiringCertificate, now: number): boolean {
  const share = notBefore === undefined ? NEAR_MS : (notAfter - notBefore) * NEAR_SHARE;
  return notAfter - now < Math.min(NEAR_MS, share);
}
