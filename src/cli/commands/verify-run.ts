import { readDeclaredClient } from "../../enrollment/client-step.ts";
import { readEnrolled, readStoredCredential, type EnrolledRegistry } from "../../enrollment/enrolled.ts";
import { overrideDeclaration } from "../../enrollment/declaration.ts";
import { listEnrolled } from "../../enrollment/observe.ts";
import { exitCodes, printable, problem, type Problem } from "../../findings/problem.ts";
import { parseRegistryName } from "../../registry/name.ts";
import { failure, success, type Result } from "../../result.ts";
import { firstProblem, type VerificationEntry, type VerificationReport } from "../../smoke/report.ts";
import { parseSize } from "../../smoke/size.ts";
import { verifyRegistry } from "../../smoke/verify.ts";
import type { Invocation, Outcome } from "../command.ts";
import { verificationText } from "../output/verification-text.ts";
import { failed } from "../outcome.ts";
import { readReportOptions } from "../report-options.ts";
import { writeReports } from "../write-reports.ts";
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
  const entries = await verifyAll(names, args, size.value, invocation);
  const outcome = outcomeOf(entries, invocation);
  const took = Math.round(host.clock.elapsed() - started.elapsed);
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
  invocation: Invocation,
): Promise<readonly VerificationEntry[]> {
  const entries: VerificationEntry[] = [];
  for (const name of names) {
    const report = await verifyOne(name, args, size, invocation);
    const registry = printable(name);
    entries.push(report.ok ? { registry, report: report.value } : { registry, problem: report.problem });
    if (invocation.pass.host.signal.aborted) break;
  }
  return entries;
}

function outcomeOf(entries: readonly VerificationEntry[], { paint }: Invocation): Outcome {
  const reports = entries.flatMap((entry) => ("report" in entry ? [entry.report] : []));
  const problems = entries.flatMap((entry): readonly Problem[] => {
    const bad = "report" in entry ? firstProblem(entry.report) : entry.problem;
    return bad === undefined ? [] : [bad];
  });
  return {
    exit: problems[0]?.exit ?? exitCodes.ok,
    text: reports.map((report) => verificationText(report, paint)).join("\n"),
    json: { ok: problems.length === 0, reports },
    problems,
  };
}

async function verifyOne(
  text: string,
  args: VerifyArguments,
  size: number | undefined,
  invocation: Invocation,
): Promise<Result<VerificationReport>> {
  const { pass } = invocation;
  const name = parseRegistryName(text);
  if (!name.ok) return name;
  const enrolled = await readEnrolled(pass, name.value);
  if (!enrolled.ok) return enrolled;
  const declaration = settingsOf(enrolled.value, args);
  if (!declaration.ok) return declaration;
  const { verify, credentials, hosts, address } = declaration.value;
  if (size !== undefined && verify.mode !== "push-pull")
    return refuseSize(`with --mode ${verify.mode} nothing is pushed`);
  const credential = await readStoredCredential(pass, enrolled.value);
  if (!credential.ok) return credential;
  const client = await readDeclaredClient(pass.host, declaration.value);
  if (!client.ok) return client;
  const report = await verifyRegistry(pass.host, {
    route: { name: name.value, address: hosts ? undefined : address, client: client.value },
    credential: credential.value,
    loginProved: false,
    allowedRealms: credentials.realms,
    mode: verify.mode,
    repository: verify.repository,
    size,
    via: args.via,
    begin: (via, check) => pass.watch.begin(`${name.value.key} ${via}: ${check}`),
  });
  return success(report);
}

function readSize(text: string | undefined): Result<number | undefined> {
  const size = text === undefined ? undefined : parseSize(text);
  return typeof size === "object" ? refuseSize(size.reason) : success(size);
}

function refuseSize(reason: string): Result<never> {
  return failure(problem("RC-CFG-005", { option: "--size", reason, command: "verify" }));
}

function settingsOf(
  { name, declaration }: EnrolledRegistry,
  args: VerifyArguments,
): ReturnType<typeof overrideDeclaration> {
  return overrideDeclaration(name, declaration, { mode: args.mode, repository: args.repository }, "verify");
}
