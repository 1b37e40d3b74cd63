import { readDeclaredClient } from "../../enrollment/client-step.ts";
import { readEnrolled, readStoredCredential, type EnrolledRegistry } from "../../enrollment/enrolled.ts";
import { overrideDeclaration } from "../../enrollment/declaration.ts";
import { listEnrolled } from "../../enrollment/observe.ts";
import { exitCodes, problem, type Problem } from "../../findings/problem.ts";
import { parseRegistryName } from "../../registry/name.ts";
import { success, type Result } from "../../result.ts";
import { firstProblem, type VerificationReport } from "../../smoke/report.ts";
import { verifyRegistry } from "../../smoke/verify.ts";
import type { Invocation, Outcome } from "../command.ts";
import { verificationText } from "../output/verification-text.ts";
import { failed } from "../outcome.ts";
import type { VerifyArguments } from "./verify.ts";

/** `regclient verify`: every registry is checked, whatever became of the others; the first failure gives the exit code. */
export async function runVerify(args: VerifyArguments, invocation: Invocation): Promise<Outcome> {
  const { pass, paint } = invocation;
  const names = args.names.length > 0 ? args.names : await listEnrolled(pass.host.files);
  if (names.length === 0) return failed(problem("RC-CFG-009"));
  const reports: VerificationReport[] = [];
  const problems: Problem[] = [];
  for (const name of names) {
    const report = await verifyOne(name, args, invocation);
    const bad = report.ok ? firstProblem(report.value) : report.problem;
    if (report.ok) reports.push(report.value);
    if (bad !== undefined) problems.push(bad);
  }
  const text = reports.map((report) => verificationText(report, paint)).join("\n");
  return {
    exit: problems[0]?.exit ?? exitCodes.ok,
    text,
    json: { ok: problems.length === 0, reports },
    problems,
  };
}

async function verifyOne(
  text: string,
  args: VerifyArguments,
  invocation: Invocation,
): Promise<Result<VerificationReport>> {
  const { pass } = invocation;
  const name = parseRegistryName(text);
  if (!name.ok) return name;
  const enrolled = await readEnrolled(pass, name.value);
  if (!enrolled.ok) return enrolled;
  const credential = await readStoredCredential(pass, enrolled.value);
  if (!credential.ok) return credential;
  const declaration = settingsOf(enrolled.value, args);
  if (!declaration.ok) return declaration;
  const { verify, credentials, hosts, address } = declaration.value;
  const client = await readDeclaredClient(pass.host, declaration.value);
  if (!client.ok) return client;
  const report = await verifyRegistry(pass.host, {
    route: { name: name.value, address: hosts ? undefined : address, client: client.value },
    credential: credential.value,
    loginProved: false,
    allowedRealms: credentials.realms,
    mode: verify.mode,
    repository: verify.repository,
    via: args.via,
    begin: (via, check) => pass.watch.begin(`${name.value.key} ${via}: ${check}`),
  });
  return success(report);
}

function settingsOf(
  { name, declaration }: EnrolledRegistry,
  args: VerifyArguments,
): ReturnType<typeof overrideDeclaration> {
  return overrideDeclaration(name, declaration, { mode: args.mode, repository: args.repository }, "verify");
}
