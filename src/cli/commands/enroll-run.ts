import { resolve } from "node:path";
import { enroll, type Enrolled } from "../../enrollment/enroll.ts";
import type { EnrollRequest, Pass } from "../../enrollment/pass.ts";
import { exitCodes, problem, type Problem } from "../../findings/problem.ts";
import { looksLikeHubNamespace, imageReference, parseRegistryName, type RegistryName } from "../../registry/name.ts";
import { failure, success, type Result } from "../../result.ts";
import { firstProblem, type VerificationReport } from "../../smoke/report.ts";
import { approachEngine, verifyRegistry } from "../../smoke/verify.ts";
import type { SuppliedCertificates } from "../../trust/first-contact.ts";
import type { Invocation, Outcome } from "../command.ts";
import type { Engine } from "../../smoke/docker-engine.ts";
import { askPassword, confirmCertificate, confirmMigration } from "../ask.ts";
import { readPasswordInput, readSuppliedFile, readTokenFile } from "../input.ts";
import { changeLines, hasEffect, planJson, showPlan } from "../output/changes.ts";
import { failed } from "../outcome.ts";
import type { Painter } from "../output/paint.ts";
import type { EnrollArguments } from "./enroll.ts";

/** `regclient enroll`. */
export async function runEnroll(args: EnrollArguments, invocation: Invocation): Promise<Outcome> {
  const request = await readRequest(args, invocation);
  if (!request.ok) return failed(request.problem);
  const ahead = args.verify && !args.dryRun ? workAhead(invocation.pass, request.value.name) : undefined;
  const enrolled = await enroll(ahead?.pass ?? invocation.pass, request.value);
  if (!enrolled.ok) return failed(enrolled.problem);
  if (args.dryRun) return dryRunOutcome(enrolled.value, invocation);
  const report = args.verify ? await verifyEnrolled(enrolled.value, invocation, ahead?.engine()) : undefined;
  return enrolledOutcome(enrolled.value, report, invocation);
}

// by then most registries are at work on the password, which takes them as long again, and this process is idle
const LOGIN_UNDERWAY_MS = 30;

interface Ahead {
  readonly pass: Pass;
  readonly engine: () => Promise<Engine | undefined> | undefined;
}

/** From the first time that the network is waited for, what verification will need is loaded, and the engine asked. */
function workAhead(pass: Pass, { authority }: RegistryName): Ahead {
  let engine: Promise<Engine | undefined> | undefined;
  const start = async (): Promise<Engine | undefined> => {
    await pass.host.clock.sleep(LOGIN_UNDERWAY_MS);
    const approached = await approachEngine(pass.host, authority);
    await import("../output/verification-text.ts");
    return approached;
  };
  const begin = (step: string): void => {
    pass.watch.begin(step);
    // what cannot be loaded or asked is told when it is needed
    engine ??= start().catch(() => undefined);
  };
  return { pass: { ...pass, watch: { ...pass.watch, begin } }, engine: () => engine };
}

async function readRequest(args: EnrollArguments, invocation: Invocation): Promise<Result<EnrollRequest>> {
  const name = parseRegistryName(args.name);
  if (!name.ok) return name;
  const token = await readToken(args, name.value, invocation);
  if (!token.ok) return token;
  const inputs = await readInputs(args, invocation);
  if (!inputs.ok) return inputs;
  const { terminal } = invocation.pass.host;
  return success({
    name: name.value,
    overrides: overridesOf(args, { ...token.value, ...sayOf(args) }),
    ...inputs.value,
    caUrl: args.caUrl,
    migrate: args.migrate,
    replace: args.replace,
    firstUse: args.trustOnFirstUse,
    dryRun: args.dryRun,
    requireLogin: args.verify,
    lockTimeoutMs: args.lockTimeout * 1000,
    confirm: terminal.interactive ? (candidates) => confirmCertificate(terminal, name.value, candidates) : undefined,
    confirmMigration: terminal.interactive ? (path, login) => confirmMigration(terminal, path, login) : undefined,
    askPassword: terminal.interactive ? (login) => askPassword(terminal, login, name.value) : undefined,
  });
}

interface Said {
  readonly address?: string | undefined;
  readonly fingerprint?: readonly string[] | undefined;
  readonly username?: string | undefined;
  readonly realm?: readonly string[] | undefined;
}

async function readToken(args: EnrollArguments, name: RegistryName, invocation: Invocation): Promise<Result<Said>> {
  if (args.tokenFile === undefined) return success({});
  const token = await readTokenFile(args.tokenFile, name, invocation.pass.host.clock.now());
  if (!token.ok) return token;
  const { address, fingerprints, username, realms } = token.value;
  return success({ address, fingerprint: fingerprints, username, realm: realms });
}

/** What the command line itself says, which comes before a token. */
function sayOf({ address, fingerprint, username, realm }: EnrollArguments): Said {
  return Object.fromEntries(
    Object.entries({ address, fingerprint, username, realm }).filter(([, value]) => value !== undefined),
  );
}

function overridesOf(
  args: EnrollArguments,
  { address, username, fingerprint, realm }: Said,
): EnrollRequest["overrides"] {
  const { hosts, vault, dockerConfig, mode, repository, clientCert, clientKey } = args;
  const isPair = clientCert !== undefined && clientKey !== undefined;
  return {
    address,
    hosts,
    username,
    vault,
    dockerConfig,
    mode,
    repository,
    fingerprints: fingerprint,
    trustSources: args.trustSource,
    holdDown: args.holdDown,
    clientCertificate: isPair ? { certFile: resolve(clientCert), keyFile: resolve(clientKey) } : undefined,
    realms: realm,
    users: args.user,
    runtimes: args.runtime,
  };
}

async function readInputs(
  args: EnrollArguments,
  invocation: Invocation,
): Promise<Result<Pick<EnrollRequest, "supplied" | "password">>> {
  const wrong = wrongCombination(args);
  if (wrong !== undefined) return failure(wrong);
  const supplied: Result<SuppliedCertificates | undefined> =
    args.caFile === undefined ? success(undefined) : await readSuppliedFile(args.caFile);
  if (!supplied.ok) return supplied;
  const password = args.passwordStdin ? await readPasswordInput(invocation.pass.host.terminal) : success(undefined);
  return password.ok ? success({ supplied: supplied.value, password: password.value }) : password;
}

function wrongCombination(args: EnrollArguments): Problem | undefined {
  const wrong = (option: string, reason: string) => problem("RC-CFG-005", { option, reason, command: "enroll" });
  if (args.caFile !== undefined && args.caUrl !== undefined)
    return wrong("--ca-url", "--ca-file is given too, and only one can be the source");
  if ((args.clientCert === undefined) !== (args.clientKey === undefined))
    return args.clientCert === undefined
      ? wrong("--client-key", "no --client-cert goes with it")
      : wrong("--client-cert", "no --client-key goes with it");
  if (args.caUrl !== undefined && !args.caUrl.startsWith("https://"))
    return wrong("--ca-url", "it is not an https:// URL");
  if (args.caUrl !== undefined && !URL.canParse(args.caUrl)) return wrong("--ca-url", "it is not a URL");
  return undefined;
}

async function verifyEnrolled(
  enrolled: Enrolled,
  invocation: Invocation,
  engine: ReturnType<Ahead["engine"]> | undefined,
): Promise<VerificationReport> {
  const { declaration, route, credential, isProved, realms, roots, isTreeUnheard } = enrolled;
  return verifyRegistry(invocation.pass.host, {
    // the hosts file is asked, as Docker asks it; the declared address counts only where no alias is written
    route: declaration.hosts ? { ...route, address: undefined } : route,
    credential,
    loginProved: isProved,
    allowedRealms: realms,
    ...(isTreeUnheard && { roots }),
    mode: declaration.verify.mode,
    repository: declaration.verify.repository,
    via: "once",
    engine,
    begin: (via, check) => invocation.pass.watch.begin(`${via}: ${check}`),
  });
}

async function dryRunOutcome(enrolled: Enrolled, { paint }: Invocation): Promise<Outcome> {
  const { plan, route } = enrolled;
  const text = !hasEffect(plan.changes)
    ? `${route.name.key}: nothing to change\n`
    : await showPlan(plan.changes, paint);
  return {
    exit: exitCodes.ok,
    text,
    json: { registry: route.name.key, dryRun: true, changes: planJson(plan.changes), notes: plan.notes },
  };
}

async function enrolledOutcome(
  enrolled: Enrolled,
  report: VerificationReport | undefined,
  invocation: Invocation,
): Promise<Outcome> {
  const { route, plan, anchors } = enrolled;
  const changed = hasEffect(plan.changes);
  const bad = report === undefined ? undefined : firstProblem(report);
  const text = [
    ...summaryLines(enrolled, changed, invocation),
    ...(report === undefined ? [] : ["", (await showReport(report, invocation.paint)).trimEnd()]),
    "",
  ];
  const json = {
    registry: route.name.key,
    reference: route.name.referencePrefix,
    changed,
    changes: planJson(plan.changes),
    anchors: anchors.map(({ fingerprint, reason, evidence, since, by }) => ({
      fingerprint,
      reason,
      evidence,
      since,
      by,
    })),
    notes: plan.notes,
    ...(report && { verification: report }),
  };
  const problems = bad === undefined ? {} : { problems: [bad] };
  return { exit: bad?.exit ?? exitCodes.ok, text: text.join("\n"), json, ...problems };
}

async function showReport(report: VerificationReport, paint: Painter): Promise<string> {
  const { verificationText } = await import("../output/verification-text.ts");
  return verificationText(report, paint);
}

function summaryLines(enrolled: Enrolled, changed: boolean, { paint }: Invocation): readonly string[] {
  const { name } = enrolled.route;
  if (!changed) return [`${paint.bold(name.key)} is enrolled already; nothing was changed`];
  return [
    `${paint.bold(name.key)} is enrolled on this host`,
    ...enrolled.anchors.map((anchor) => `  trusted  ${anchor.fingerprint} (${anchor.reason})`),
    ...(enrolled.anchors.length === 0 ? ["  trusted  by the system's own CAs"] : []),
    ...changeLines(enrolled.plan.changes),
    ...(enrolled.credential === undefined ? [] : [`  login    ${enrolled.credential.username}`]),
    `  use      docker pull ${imageReference(name, "IMAGE")}`,
    ...referenceHint(name),
  ];
}

function referenceHint(name: RegistryName): readonly string[] {
  if (!looksLikeHubNamespace(name)) return [];
  return [
    `           with the port, always: ${name.host}/IMAGE means Docker Hub's user "${name.host}",`,
    "           because a first part with no dot and no port is not read as a registry",
  ];
}
