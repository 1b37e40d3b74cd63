import { findOwnFile, type OwnFile } from "../apply/own-file.ts";
import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";

const FORMATS = ["junit", "html", "json"] as const;

/** How a report is written. */
export type ReportFormat = (typeof FORMATS)[number];

/** One `--report FORMAT=FILE`, whose file can be written. */
export interface ReportFile {
  readonly format: ReportFormat;
  readonly file: OwnFile;
}

/** Reads the values of `--report`, before anything is done: a place that cannot be written is a Problem. */
export function readReportOptions(values: readonly string[]): Result<readonly ReportFile[]> {
  const reports: ReportFile[] = [];
  for (const value of values) {
    const [, name = "", path = ""] = /^([^=]*)=(.+)$/s.exec(value) ?? [];
    const format = FORMATS.find((each) => each === name);
    if (format === undefined) return refuse(`"${value}" is not junit=FILE, html=FILE or json=FILE`);
    const file = findOwnFile(path);
    if (!file.ok) return file;
    if (reports.some((each) => each.file.path === file.value.path)) return refuse(`two reports name the file ${path}`);
    reports.push({ format, file: file.value });
  }
  return success(reports);
}

function refuse(reason: string): Result<never> {
  return failure(problem("RC-CFG-005", { option: "--report", reason, command: "verify" }));
}
