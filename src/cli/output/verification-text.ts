import Table from "cli-table3";
import type { Check, VerificationReport } from "../../smoke/report.ts";
import { showBytes } from "../../smoke/size.ts";
import type { Painter } from "./paint.ts";

const PLAIN = { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true };
const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "  ",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

/** The checks as a table with ticks and times. */
export function verificationText(report: VerificationReport, paint: Painter): string {
  const table = new Table({ chars: NO_LINES, style: PLAIN, colAligns: ["left", "left", "left", "right", "left"] });
  for (const way of report.ways) {
    for (const check of way.checks) table.push([mark(check, paint), way.via, check.name, took(check), detailOf(check)]);
  }
  const verdict = report.ok ? paint.green("works from this host") : paint.red("does not work from this host");
  const notes = report.notes.map((note) => `  note: ${note}`);
  const lines = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  return [`${paint.bold(report.registry)} ${verdict} (${report.mode})`, ...lines, ...notes, ""].join("\n");
}

function mark(check: Check, paint: Painter): string {
  if (check.status === "passed") return paint.green("✓");
  return check.status === "failed" ? paint.red("✗") : paint.dim("–");
}

function detailOf({ detail, transfer }: Check): string {
  if (transfer === undefined) return detail;
  return `${showBytes(transfer.bytes)} at ${transfer.mbPerSecond} MB/s, ${detail}`;
}

function took(check: Check): string {
  return check.status === "skipped" ? "" : `${check.took} ms`;
}
