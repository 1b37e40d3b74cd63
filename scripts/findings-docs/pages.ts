import { backgroundOf, generalCause, layers, withWords } from "../../src/findings/background.ts";
import { catalogue, type FindingCode } from "../../src/findings/catalogue.ts";
import { exitCodes } from "../../src/findings/problem.ts";

/** The pages on the findings, by file name: one a code, and README.md that lists them. */
export function findingPages(): ReadonlyMap<string, string> {
  const codes = (Object.keys(catalogue) as FindingCode[]).toSorted();
  return new Map([["README.md", indexPage(codes)], ...codes.map((code) => [`${code}.md`, codePage(code)] as const)]);
}

function codePage(code: FindingCode): string {
  const { summary, fix, exit } = catalogue[code];
  const { layer, evidence, references } = backgroundOf(code);
  return [
    `# ${code}`,
    "",
    inMarkdown(withWords(summary)),
    "",
    `Layer: ${layer}. Exit code: ${exitCodes[exit]}. On a terminal: \`regclient explain ${code}\`.`,
    "",
    "## Cause",
    "",
    inMarkdown(generalCause(code)),
    "",
    "## What is shown",
    "",
    inMarkdown(evidence),
    "",
    "## What to do",
    "",
    ...fix.map((line) => `    ${withWords(line)}`),
    "",
    ...(references.length === 0 ? [] : ["## References", "", ...references.map((each) => `- ${inMarkdown(each)}`), ""]),
    "[All findings](README.md)",
    "",
  ].join("\n");
}

function indexPage(codes: readonly FindingCode[]): string {
  const sections = layers.flatMap((layer) => {
    const here = codes.filter((code) => backgroundOf(code).layer === layer);
    const rows = here.map(
      (code) =>
        `| [${code}](${code}.md) | ${inMarkdown(withWords(catalogue[code].summary)).replaceAll("|", "\\|")} | ${exitCodes[catalogue[code].exit]} |`,
    );
    return here.length === 0
      ? []
      : [`## ${layer}`, "", "| code | what happened | exit |", "|---|---|---|", ...rows, ""];
  });
  return [
    "# Findings",
    "",
    "Every failure that regclient can name, by layer, from the ground up. A code never changes its meaning.",
    "`regclient explain CODE` tells the same; `regclient explain -` finds codes for what other programs say, see",
    "[doctor.md](../doctor.md). These pages are made by `npm run findings-docs`.",
    "",
    ...sections,
  ].join("\n");
}

/** Words in capitals and angle brackets must not turn into markup. */
function inMarkdown(text: string): string {
  return text.replaceAll(/[<>*_]/g, "\\$&");
}
