import { writeOwnFile } from "../apply/own-file.ts";
import { escapeJson, type Problem } from "../findings/problem.ts";
import type { Caller } from "../host/ports.ts";
import type { VerificationRun } from "../smoke/report.ts";
import type { ReportFile, ReportFormat } from "./report-options.ts";

/** Writes each report; gives a Problem for each that could not be. `json` is the document that `--output json` prints. */
export async function writeReports(
  reports: readonly ReportFile[],
  run: VerificationRun,
  json: object,
  caller: Caller,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const { format, file } of reports) {
    const written = await writeOwnFile(file, await render(format, run, json), caller);
    if (!written.ok) problems.push(written.problem);
  }
  return problems;
}

/** The code of a format is loaded only where somebody wants it. */
async function render(format: ReportFormat, run: VerificationRun, json: object): Promise<string> {
  if (format === "json") return `${escapeJson(JSON.stringify(json, undefined, 2))}\n`;
  if (format === "html") return (await import("./output/verification-html.ts")).verificationHtml(run);
  return (await import("./output/verification-junit.ts")).verificationJunit(run);
}
