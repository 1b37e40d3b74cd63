import type { Guess } from "../../explain/match.ts";
import type { Painter } from "./paint.ts";

/** A finding as `explain` tells it. */
export interface DescribedFinding {
  readonly code: string;
  readonly layer: string;
  readonly meansExit: number;
  readonly summary: string;
  readonly cause: string;
  readonly evidence: string;
  readonly fix: readonly string[];
  readonly references: readonly string[];
  readonly documentation: string;
}

/** One finding in full. */
export function findingText(finding: DescribedFinding, paint: Painter): string {
  return [
    `${paint.bold(finding.code)} ${finding.summary}`,
    `  cause: ${finding.cause}`,
    `  shown: ${finding.evidence}`,
    ...finding.fix.map((line) => `  ${paint.bold("fix:")}   ${line}`),
    ...finding.references.map((each) => `  see:   ${each}`),
    paint.dim(`  layer: ${finding.layer}; exit code ${finding.meansExit}; ${finding.documentation}`),
    "",
  ].join("\n");
}

/** All findings, a line each. */
export function listText(findings: readonly Pick<DescribedFinding, "code" | "summary">[], paint: Painter): string {
  return findings.map(({ code, summary }) => `${paint.bold(code)} ${summary}\n`).join("");
}

/** What pasted lines are signs of; and in plain words when of nothing that is known. */
export function guessesText(guesses: readonly Guess[], lines: number, paint: Painter): string {
  if (guesses.length === 0)
    return `nothing known in ${lines === 1 ? "this line" : `these ${lines} lines`}; regclient doctor looks for itself\n`;
  return guesses
    .map((guess) =>
      [
        `${paint.bold(guess.code)} ${guess.summary} ${paint.dim(`(${guess.likelihood})`)}`,
        ...guess.seen.map((line) => `  seen:    ${line}`),
        `  ${paint.bold("confirm:")} ${guess.confirm}`,
        `  more:    regclient explain ${guess.code}`,
        "",
      ].join("\n"),
    )
    .join("\n");
}
