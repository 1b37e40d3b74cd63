import { listEnrolled } from "../../enrollment/observe.ts";
import { exitCodes, problem, type Problem } from "../../findings/problem.ts";
import { success, type Result } from "../../result.ts";
import { parseSize } from "../../smoke/size.ts";
import type { Invocation, Outcome } from "../command.ts";
import { verificationText } from "../output/verification-text.ts";
import { failed } from "../outcome.ts";
import { readReportOptions } from "../report-options.ts";
import { writeReports } from "../write-reports.ts";
import { problemOf, refuseSize, verifyOne, type Verified } from "./verify-one.ts";
import type { VerifyArguments } from "./verify.ts";

/** `regclient verify`: every registry is checked, whatever became of the others; the first failure gives the exit code. */
export async function runVerify(args: VerifyArguments, invocation: Invocation): Promise<Outcome> {
  const { host } = invocation.pass;
  const size = readSize(args.size);
  if (!size.ok) return failed(size.problem);
  const reports = readReportOptions(args.report);
  if (!reports.ok) return failed(reports.problem);
  const names = args.names.length > 0 ? args.names : await listEnrolled(host.files);
  if (names.length === 0) return failed(problem("RC-CFG-009"));
  const started = { at: new Date(host.clock.now()).toISOString(), elapsed: host.clock.elapsed() };
  const verified = await verifyAll(names, args, size.value, invocation);
  const outcome = outcomeOf(verified, invocation);
  const took = Math.round(host.clock.elapsed() - started.elapsed);
  const entries = verified.map(({ entry }) => entry);
  const run = { startedAt: started.at, took, hostname: host.caller.hostname, entries };
  const document = { exit: outcome.exit, ...(outcome.json as object), problems: outcome.problems };
  const unwritten = await writeReports(reports.value, run, document, host.caller);
  const problems = [...(outcome.problems ?? []), ...unwritten];
  return { ...outcome, exit: problems[0]?.exit ?? exitCodes.ok, problems };
}

async function verifyAll(
  names: readonly string[],
  args: VerifyArguments,
  size: number | undefined,
  { pass }: Invocation,
): Promise<readonly Verified[]> {
  const verified: Verified[] = [];
  for (const name of names) {
    verified.push(await verifyOne(name, args, size, pass));
    if (pass.host.signal.aborted) break;
  }
  return verified;
}

function outcomeOf(verified: readonly Verified[], { paint }: Invocation): Outcome {
  const reports = verified.flatMap(({ entry }) => ("report" in entry ? [entry.report] : []));
  const problems = verified
    .flatMap(({ entry, unrecorded }) => [problemOf(entry), unrecorded])
    .filter((each): each is Problem => each !== undefined);
  return {
    exit: problems[0]?.exit ?? exitCodes.ok,
    text: reports.map((report) => verificationText(report, paint)).join("\n"),
    json: { ok: problems.length === 0, reports },
    problems,
  };
}

function readSize(text: string | undefined): Result<number | undefined> {
  const size = text === undefined ? undefined : parseSize(text);
  return typeof size === "object" ? refuseSize(size.reason) : success(size);
}
