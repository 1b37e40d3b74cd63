import type { Layer } from "../findings/background.ts";
import { printable, type Problem } from "../findings/problem.ts";

/** How a check came out, with the reason or what was seen. */
export type Verdict =
  | { readonly status: "ok" | "skipped"; readonly detail: string }
  | { readonly status: "warning" | "failure"; readonly detail: string; readonly problem: Problem };

/** One check, and what it came to. */
export type DoctorCheck = Verdict & { readonly layer: Layer; readonly name: string };

/** All checks of one registry. */
export interface RegistryDiagnosis {
  readonly registry: string;
  readonly enrolled: boolean;
  /** What image names begin with. */
  readonly reference: string;
  readonly checks: readonly DoctorCheck[];
}

/** What is wrong on a host: with itself, and with each registry it uses. */
export interface Diagnosis {
  readonly host: readonly DoctorCheck[];
  readonly registries: readonly RegistryDiagnosis[];
}

/** A check still to be run. */
export interface PlannedCheck {
  readonly layer: Layer;
  readonly name: string;
  /** Fails the chain: what comes after in it is skipped. Checks without a chain depend on nothing but `needs`. */
  readonly chain: "configuration" | "network" | "none";
  readonly run: () => Promise<readonly Verdict[]>;
}

/** All is well, and this is what was seen. */
export function ok(detail: string): readonly Verdict[] {
  return [{ status: "ok", detail: printable(detail) }];
}

/** Not looked at, and why. */
export function skipped(reason: string): readonly Verdict[] {
  return [{ status: "skipped", detail: printable(reason) }];
}

/** Works now, and somebody should see to it. */
export function warning(problem: Problem): readonly Verdict[] {
  return [{ status: "warning", detail: problem.summary, problem }];
}

/** Does not work. */
export function failed(problem: Problem): readonly Verdict[] {
  return [{ status: "failure", detail: problem.summary, problem }];
}

/**
 * Runs checks in turn. A failure of the configuration skips all that follows, one of the network what follows of the
 * network: neither tells anything new.
 */
export async function runPlanned(
  planned: readonly PlannedCheck[],
  begin: (name: string) => void,
): Promise<readonly DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  const broken = new Set<PlannedCheck["chain"]>();
  for (const { layer, name, chain, run } of planned) {
    const isBlocked =
      chain !== "configuration" && (broken.has("configuration") || (chain !== "none" && broken.has(chain)));
    if (!isBlocked) begin(name);
    const verdicts = isBlocked ? skipped("an earlier check failed") : await run();
    checks.push(...verdicts.map((verdict) => ({ ...verdict, layer, name })));
    if (verdicts.some(({ status }) => status === "failure")) broken.add(chain);
  }
  return checks;
}

/** The problems of a kind, in the order they were found. */
export function problemsOf({ host, registries }: Diagnosis, status: "warning" | "failure"): readonly Problem[] {
  const checks = [...host, ...registries.flatMap((each) => each.checks)];
  return checks.flatMap((check) => (check.status === status ? [check.problem] : []));
}
