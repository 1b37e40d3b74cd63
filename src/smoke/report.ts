import { printable, type Problem } from "../findings/problem.ts";
import type { Clock } from "../host/ports.ts";
import type { Result } from "../result.ts";

/** How far a verification goes. `light` proves the right to write and makes no image. */
export type Mode = "login" | "pull" | "light" | "push-pull";

/** The programs that an image can be pushed and pulled through. */
export type ProgramVia = "podman" | "skopeo" | "buildah" | "containerd";

/** The way by which a registry is reached. */
export type Via = "direct" | "docker" | ProgramVia;

/** One check, and how it went. */
export interface Check {
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** Milliseconds from the beginning of the verification. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
  /** What was found, in a few words. */
  readonly detail: string;
  readonly transfer?: Transfer;
  readonly problem?: Problem;
}

/** How fast the bytes of `--size` went; without what came before and after them. */
export interface Transfer {
  readonly bytes: number;
  /** Milliseconds. */
  readonly ms: number;
  /** A million bytes a second, one decimal. */
  readonly mbPerSecond: number;
}

/** What a check found, where that is more than words. */
export interface Finding {
  readonly detail: string;
  readonly transfer?: Transfer | undefined;
}

/** All checks of one way. */
export interface WayReport {
  readonly via: Via;
  readonly checks: readonly Check[];
}

/** The verification of one registry. */
export interface VerificationReport {
  readonly registry: string;
  readonly mode: Mode;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly ok: boolean;
  readonly ways: readonly WayReport[];
  /** What could not be checked or stays behind. */
  readonly notes: readonly string[];
}

/** A check still to be run; it gives the detail to show, on a clock that began with the verification. */
export interface PlannedCheck {
  readonly name: string;
  readonly run: () => Promise<Result<string | Finding>>;
  /** Runs also when an earlier check failed: cleaning up. */
  readonly always?: boolean;
}

/** Runs the checks in turn, after `earlier` ones. After a failure the rest are skipped, but for those that clean up. */
export async function runChecks(
  clock: Clock,
  planned: readonly PlannedCheck[],
  begin: (name: string) => void,
  earlier: readonly Check[] = [],
): Promise<readonly Check[]> {
  const checks = [...earlier];
  let failed = !allPassed(earlier);
  for (const { name, run, always } of planned) {
    if (failed && always !== true) {
      const at = Math.round(clock.elapsed());
      checks.push({ name, status: "skipped", at, took: 0, detail: "an earlier check failed" });
      continue;
    }
    begin(name);
    const check = await runOne(clock, name, run);
    checks.push(check);
    failed ||= check.status === "failed";
  }
  return checks;
}

async function runOne(clock: Clock, name: string, run: PlannedCheck["run"]): Promise<Check> {
  const started = clock.elapsed();
  const result = await run();
  const times = { at: Math.round(started), took: Math.round(clock.elapsed() - started) };
  if (!result.ok) return { name, status: "failed", ...times, detail: result.problem.summary, problem: result.problem };
  const { detail, transfer } = typeof result.value === "string" ? { detail: result.value } : result.value;
  return { name, status: "passed", ...times, detail: printable(detail), ...(transfer && { transfer }) };
}

/** The speed of `bytes` that took `ms` milliseconds. */
export function measureTransfer(bytes: number, ms: number): Transfer {
  const measured = Math.max(ms, 1);
  return { bytes, ms: Math.round(measured), mbPerSecond: Math.round(bytes / measured / 100) / 10 };
}

/** True when no check failed or was skipped. */
export function allPassed(checks: readonly Check[]): boolean {
  return checks.every((check) => check.status === "passed");
}

/** The first failure of a report, if there is one. */
export function firstProblem(report: VerificationReport): Problem | undefined {
  return report.ways.flatMap((way) => way.checks).find((check) => check.problem !== undefined)?.problem;
}

/** All that one `verify` did, for those who were not there. */
export interface VerificationRun {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds. */
  readonly took: number;
  readonly hostname: string;
  readonly entries: readonly VerificationEntry[];
}

/** What came of one registry: a report, or the reason why there is none. */
export type VerificationEntry =
  | { readonly registry: string; readonly report: VerificationReport }
  | { readonly registry: string; readonly problem: Problem };
