import type { Problem } from "../../findings/problem.ts";
import type { Painter } from "./paint.ts";

/** A problem as people read it: what happened, why, what shows it, what to do. */
export function problemText(problem: Problem, paint: Painter, kind: "error" | "warning" = "error"): string {
  const { code, summary, cause, evidence, fix } = problem;
  const shown = evidence.filter((line) => line !== cause);
  return [
    `${kind === "error" ? paint.red("regclient: error:") : paint.magenta("warning:")} ${paint.bold(summary)} [${code}]`,
    `  cause: ${cause}`,
    ...shown.map((line) => `  seen:  ${line}`),
    ...fix.map((line) => `  ${paint.bold("fix:")}   ${line}`),
    "",
  ].join("\n");
}
