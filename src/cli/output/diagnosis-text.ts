import { problemsOf, type Diagnosis, type DoctorCheck } from "../../doctor/report.ts";
import type { Painter } from "./paint.ts";
import { problemText } from "./problem-text.ts";

/** The checks by registry, from the ground up, then what the warnings are about. */
export function diagnosisText(diagnosis: Diagnosis, paint: Painter): string {
  const sections = [
    section("this host", diagnosis.host, paint),
    ...diagnosis.registries.map(({ registry, enrolled, checks }) =>
      section(enrolled ? registry : `${registry} (not enrolled)`, checks, paint),
    ),
  ];
  const warnings = problemsOf(diagnosis, "warning");
  const failures = problemsOf(diagnosis, "failure").length;
  const verdict =
    failures + warnings.length === 0
      ? paint.green("nothing wrong was found")
      : `${failures} ${failures === 1 ? "failure" : "failures"}, ${warnings.length} ${warnings.length === 1 ? "warning" : "warnings"}`;
  return [...sections, ...warnings.map((each) => problemText(each, paint, "warning")), `${verdict}\n`].join("\n");
}

function section(title: string, checks: readonly DoctorCheck[], paint: Painter): string {
  const width = Math.max(0, ...checks.map(({ layer, name }) => labelOf(layer, name).length));
  const lines = checks.map((check) => {
    const code = "problem" in check ? ` ${paint.dim(`[${check.problem.code}]`)}` : "";
    return `  ${mark(check, paint)} ${labelOf(check.layer, check.name).padEnd(width)}  ${check.detail}${code}`;
  });
  return [paint.bold(title), ...lines, ""].join("\n");
}

function labelOf(layer: string, name: string): string {
  return layer === name || layer.toLowerCase() === name ? layer : `${layer}: ${name}`;
}

function mark({ status }: DoctorCheck, paint: Painter): string {
  const marks = { ok: paint.green("✓"), warning: paint.magenta("!"), failure: paint.red("✗"), skipped: paint.dim("–") };
  return marks[status];
}
