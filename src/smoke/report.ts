import { printable, type Problem } from "../findings/problem.ts";
import type { Clock } from "../host/ports.ts";
import type { Result } from "../result.ts";

/** How far a verification goes. `light` proves the right to write and makes no image. */
export type Mode = "login" | "pull" | "light" | "push-pull";

/** The way by which a registry is reached. */
export type Via = "direct" | "docker";

/** One check, and how it went. */
export interface Check {
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** Milliseconds. */
  readonly took: number;
  /** What was found, in a few words. */
  readonly detail: string;
  readonly problem?: Problem;
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
  readonly ok: boolean;
  readonly ways: readonly WayReport[];
  /** What could not be checked or stays behind. */
  readonly notes: readonly string[];
}

/** A check still to be run; it gives the detail to show. */
export interface PlannedCheck {
  readonly name: string;
  readonly run: () => Promise<Result<string>>;
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
      checks.push({ name, status: "skipped", took: 0, detail: "an earlier check failed" });
      continue;
    }
    begin(name);
    const started = clock.elapsed();
    const result = await run();
    const took = Math.round(clock.elapsed() - started);
    if (result.ok) checks.push({ name, status: "passed", took, detail: printable(result.value) });
    else checks.push({ name, status: "failed", took, detail: result.problem.summary, problem: result.problem });
    failed ||= !result.ok;
  }
  return checks;
}

/** True when no check failed or was skipped. */
export function allPassed(checks: readonly Check[]): boolean {
  return checks.every((check) => check.status === "passed");
}

/** The first failure of a report, if there is one. */
export function firstProblem(report: VerificationReport): Problem | undefined {
  return report.ways.flatMap((way) => way.checks).find((check) => check.problem !== undefined)?.problem;
}
