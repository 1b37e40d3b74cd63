import { readDeclaredClient } from "../../enrollment/client-step.ts";
import { overrideDeclaration, type Declaration } from "../../enrollment/declaration.ts";
import { readEnrolled, readStoredCredential, type EnrolledRegistry } from "../../enrollment/enrolled.ts";
import type { Pass } from "../../enrollment/pass.ts";
import { keepVerificationRecord } from "../../enrollment/verification-record.ts";
import { printable, problem, type Problem } from "../../findings/problem.ts";
import { parseRegistryName, type RegistryName } from "../../registry/name.ts";
import { failure, success, type Result } from "../../result.ts";
import { firstProblem, type Mode, type VerificationEntry, type VerificationReport } from "../../smoke/report.ts";
import { verifyRegistry } from "../../smoke/verify.ts";
import type { VerifyArguments } from "./verify.ts";

/** What came of one registry, and why that could not be recorded where it was to be. */
export interface Verified {
  readonly entry: VerificationEntry;
  readonly unrecorded?: Problem | undefined;
}

/** Proves one registry, and keeps how it went if that is asked for. `size` is the bytes of `--size`. */
export async function verifyOne(
  text: string,
  args: VerifyArguments,
  size: number | undefined,
  pass: Pass,
): Promise<Verified> {
  const registry = printable(text);
  const name = parseRegistryName(text);
  if (!name.ok) return { entry: { registry, problem: name.problem } };
  const enrolled = await readEnrolled(pass, name.value);
  if (!enrolled.ok) return { entry: { registry, problem: enrolled.problem } };
  const settings = settingsOf(enrolled.value, args, size);
  if (!settings.ok) return { entry: { registry, problem: settings.problem } };
  const started = pass.host.clock.elapsed();
  const report = await proveOne(enrolled.value, settings.value, pass);
  const entry = report.ok ? { registry, report: report.value } : { registry, problem: report.problem };
  if (!args.record) return { entry };
  const tookMs = Math.round(pass.host.clock.elapsed() - started);
  const proved = { mode: settings.value.mode, found: problemOf(entry), tookMs };
  return { entry, unrecorded: await keepRecord(pass, name.value, proved, args.lockTimeout) };
}

/** What is wrong with the registry, if anything is. */
export function problemOf(entry: VerificationEntry): Problem | undefined {
  return "report" in entry ? firstProblem(entry.report) : entry.problem;
}

/** The Problem of a size that cannot be. */
export function refuseSize(reason: string): Result<never> {
  return failure(problem("RC-CFG-005", { option: "--size", reason, command: "verify" }));
}

interface Settings extends Pick<VerifyArguments, "via"> {
  readonly declaration: Declaration;
  readonly mode: Mode;
  readonly size: number | undefined;
}

function settingsOf(
  { name, declaration }: EnrolledRegistry,
  { mode, repository, light, via }: VerifyArguments,
  size: number | undefined,
): Result<Settings> {
  const declared = overrideDeclaration(name, declaration, { mode, repository }, "verify");
  if (!declared.ok) return declared;
  const wanted = declared.value.verify.mode;
  // the light form of what is proved by pushing; the other modes store nothing as they are
  const chosen = light && wanted === "push-pull" ? "light" : wanted;
  if (size !== undefined && chosen !== "push-pull") {
    return refuseSize(
      chosen === "light" ? "with --light no image is pushed" : `with --mode ${chosen} nothing is pushed`,
    );
  }
  return success({
    declaration: declared.value,
    mode: chosen,
    size,
    via: light && via === "auto" ? "direct" : via,
  });
}

async function proveOne(
  enrolled: EnrolledRegistry,
  { declaration, mode, size, via }: Settings,
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
    size,
    via,
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
