import { readDeclaredClient } from "../../enrollment/client-step.ts";
import { readEnrolled, readStoredCredential, type EnrolledRegistry } from "../../enrollment/enrolled.ts";
import { overrideDeclaration, type Declaration } from "../../enrollment/declaration.ts";
import { listEnrolled } from "../../enrollment/observe.ts";
import { keepVerificationRecord } from "../../enrollment/verification-record.ts";
import type { Pass } from "../../enrollment/pass.ts";
import { exitCodes, problem, type Problem } from "../../findings/problem.ts";
import { parseRegistryName, type RegistryName } from "../../registry/name.ts";
import { success, type Result } from "../../result.ts";
import { firstProblem, type Mode, type VerificationReport } from "../../smoke/report.ts";
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
    const { report, problems: found } = await verifyOne(name, args, invocation);
    if (report !== undefined) reports.push(report);
    problems.push(...found);
  }
  const text = reports.map((report) => verificationText(report, paint)).join("\n");
  return {
    exit: problems[0]?.exit ?? exitCodes.ok,
    text,
    json: { ok: problems.length === 0, reports },
    problems,
  };
}

interface Verified {
  readonly report?: VerificationReport;
  readonly problems: readonly Problem[];
}

async function verifyOne(text: string, args: VerifyArguments, invocation: Invocation): Promise<Verified> {
  const { pass } = invocation;
  const name = parseRegistryName(text);
  if (!name.ok) return { problems: [name.problem] };
  const enrolled = await readEnrolled(pass, name.value);
  if (!enrolled.ok) return { problems: [enrolled.problem] };
  const declaration = settingsOf(enrolled.value, args);
  if (!declaration.ok) return { problems: [declaration.problem] };
  const mode = modeOf(args, declaration.value.verify.mode);
  const started = pass.host.clock.elapsed();
  const report = await proveOne(enrolled.value, declaration.value, { ...args, mode }, pass);
  const found = report.ok ? firstProblem(report.value) : report.problem;
  const tookMs = Math.round(pass.host.clock.elapsed() - started);
  const kept = args.record ? await keepRecord(pass, name.value, { mode, found, tookMs }, args.lockTimeout) : undefined;
  const problems = [found, kept].filter((each) => each !== undefined);
  return report.ok ? { report: report.value, problems } : { problems };
}

/** The light form of what is proved by pushing; the other modes store nothing as they are. */
function modeOf({ light }: VerifyArguments, mode: Declaration["verify"]["mode"]): Mode {
  return light && mode === "push-pull" ? "light" : mode;
}

async function proveOne(
  enrolled: EnrolledRegistry,
  declaration: Declaration,
  { mode, light, via }: Pick<VerifyArguments, "light" | "via"> & { readonly mode: Mode },
  pass: Pass,
): Promise<Result<VerificationReport>> {
  const { name } = enrolled;
  const credential = await readStoredCredential(pass, enrolled);
  if (!credential.ok) return credential;
  const client = await readDeclaredClient(pass.host, declaration);
  if (!client.ok) return client;
  const { verify, credentials, hosts, address } = declaration;
  const report = await verifyRegistry(pass.host, {
    route: { name, address: hosts ? undefined : address, client: client.value },
    credential: credential.value,
    loginProved: false,
    allowedRealms: credentials.realms,
    mode,
    repository: verify.repository,
    via: light && via === "auto" ? "direct" : via,
    begin: (way, check) => pass.watch.begin(`${name.key} ${way}: ${check}`),
  });
  return success(report);
}

interface Proved {
  readonly mode: Mode;
  readonly found: Problem | undefined;
  readonly tookMs: number;
}

async function keepRecord(
  pass: Pass,
  name: RegistryName,
  { mode, found, tookMs }: Proved,
  lockTimeoutSeconds: number,
): Promise<Problem | undefined> {
  const at = new Date(pass.host.clock.now()).toISOString();
  const code = found === undefined ? {} : { code: found.code };
  const record = { version: 1, registry: name.key, at, ok: found === undefined, mode, ...code, tookMs } as const;
  const kept = await keepVerificationRecord(pass, name, record, lockTimeoutSeconds * 1000);
  return kept.ok ? undefined : kept.problem;
}

function settingsOf(
  { name, declaration }: EnrolledRegistry,
  args: VerifyArguments,
): ReturnType<typeof overrideDeclaration> {
  return overrideDeclaration(name, declaration, { mode: args.mode, repository: args.repository }, "verify");
}
