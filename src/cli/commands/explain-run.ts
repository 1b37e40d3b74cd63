import { MOST_BYTES, readLines } from "../../explain/clean.ts";
import { guessFindings } from "../../explain/match.ts";
import { looksLikeCode, nearestCodes } from "../../explain/nearest.ts";
import { backgroundOf, generalCause, parseCode, withWords } from "../../findings/background.ts";
import { catalogue, type FindingCode } from "../../findings/catalogue.ts";
import { exitCodes, problem, type Problem } from "../../findings/problem.ts";
import type { Invocation, Outcome } from "../command.ts";
import { findingText, guessesText, listText } from "../output/finding-text.ts";
import { failed } from "../outcome.ts";
import type { ExplainArguments } from "./explain.ts";

/** `regclient explain`: a code, all codes, or what stdin holds. Nothing being known of a text is no failure. */
export async function runExplain({ code }: ExplainArguments, invocation: Invocation): Promise<Outcome> {
  if (code === undefined) return listFindings(invocation);
  // yargs makes "" of a lone hyphen
  if (code === "-" || code === "") return explainInput(invocation);
  const known = parseCode(code);
  if (known === undefined) return failed(unknownCode(code));
  const finding = describeFinding(known);
  return { exit: exitCodes.ok, text: findingText(finding, invocation.paint), json: finding };
}

/** Only what looks like a code is said back: anything else may hold a secret. */
function unknownCode(text: string): Problem {
  if (!looksLikeCode(text)) return problem("RC-CFG-041");
  return problem("RC-CFG-040", { code: text.toUpperCase(), nearest: nearestCodes(text).join(", ") });
}

function describeFinding(code: FindingCode) {
  const { summary, fix, exit } = catalogue[code];
  const background = backgroundOf(code);
  return {
    code,
    layer: background.layer,
    meansExit: exitCodes[exit],
    summary: withWords(summary),
    cause: generalCause(code),
    evidence: background.evidence,
    fix: fix.map(withWords),
    references: background.references,
    documentation: `docs/findings/${code}.md`,
  };
}

function listFindings({ paint }: Invocation): Outcome {
  const codes = (Object.keys(catalogue) as FindingCode[]).toSorted();
  const findings = codes.map((code) => {
    const { layer, summary, documentation } = describeFinding(code);
    return { code, layer, summary, documentation };
  });
  return { exit: exitCodes.ok, text: listText(findings, paint), json: { findings } };
}

async function explainInput({ pass, paint }: Invocation): Promise<Outcome> {
  if (pass.host.terminal.interactive) pass.watch.note("paste the lines, then press Ctrl-D");
  const bytes = await pass.host.terminal.readInput(MOST_BYTES);
  if (bytes === undefined) {
    const reason = "it is longer than 64 KiB; the last lines are enough: tail -n 100";
    return failed(problem("RC-CFG-005", { option: "what stands on stdin", reason, command: "explain" }));
  }
  const lines = readLines(bytes);
  const guesses = guessFindings(lines);
  return {
    exit: exitCodes.ok,
    text: guessesText(guesses, lines.length, paint),
    json: { lines: lines.length, guesses },
  };
}
