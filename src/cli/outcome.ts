import type { Problem } from "../findings/problem.ts";
import type { Outcome } from "./command.ts";

/** The outcome of a command that came to nothing because of `problem`. */
export function failed(problem: Problem): Outcome {
  return { exit: problem.exit, text: "", json: {}, problems: [problem] };
}
