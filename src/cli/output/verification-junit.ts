import junit, { type Builder, type TestSuite } from "junit-report-builder";
import type { Problem } from "../../findings/problem.ts";
import type { Check, VerificationEntry, VerificationReport, VerificationRun, WayReport } from "../../smoke/report.ts";

/** JUnit's XML as Jenkins and GitLab read it: a suite for each way to each registry, a case for each check. */
export function verificationJunit(run: VerificationRun): string {
  // its types describe an ES module, and it is none
  const builder = (junit as unknown as Builder).newBuilder().name("regclient verify");
  for (const entry of run.entries) {
    if ("problem" in entry) addProblem(builder.testSuite(), run, entry);
    else for (const way of entry.report.ways) addWay(builder.testSuite(), run, entry.report, way);
  }
  return `${builder.build()}\n`;
}

function addWay(suite: TestSuite, run: VerificationRun, report: VerificationReport, way: WayReport): void {
  const name = `${report.registry} ${way.via}`;
  describe(suite, run, name, report.startedAt);
  suite.property("mode", report.mode);
  suite.time(seconds(way.checks.reduce((sum, { took }) => sum + took, 0)));
  for (const [index, note] of report.notes.entries()) suite.property(`note.${index + 1}`, note);
  for (const check of way.checks) addCheck(suite, `${report.registry}.${way.via}`, check);
}

function addCheck(suite: TestSuite, className: string, check: Check): void {
  const test = suite.testCase().className(className).name(check.name).time(seconds(check.took));
  if (check.problem !== undefined) test.failure(...describeProblem(check.problem)).stacktrace(adviceOn(check.problem));
  else if (check.status === "skipped") test.skipped();
  else test.standardOutput(check.detail);
  if (check.transfer === undefined) return;
  const { bytes, ms, mbPerSecond } = check.transfer;
  test.property("bytes", String(bytes)).property("ms", String(ms)).property("mbPerSecond", String(mbPerSecond));
}

/** A registry that nothing could be asked of is a failed case all the same. */
function addProblem(
  suite: TestSuite,
  run: VerificationRun,
  { registry, problem }: Extract<VerificationEntry, { readonly problem: Problem }>,
): void {
  describe(suite, run, registry, run.startedAt);
  const test = suite.time(0).testCase().className(registry).name("settings").time(0);
  test.failure(...describeProblem(problem)).stacktrace(adviceOn(problem));
}

function describe(suite: TestSuite, { hostname }: VerificationRun, name: string, startedAt: string): void {
  // without fractions and zone: what the schema of Jenkins takes
  suite.name(name).timestamp(startedAt.slice(0, 19)).property("host", hostname);
}

function describeProblem({ code, summary }: Problem): [string, string] {
  return [`${summary} [${code}]`, code];
}

function adviceOn({ cause, evidence, fix }: Problem): string {
  return [`cause: ${cause}`, ...evidence.map((line) => `seen:  ${line}`), ...fix.map((line) => `fix:   ${line}`)].join(
    "\n",
  );
}

function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}
