import { enroll, type Enrolled } from "../../enrollment/enroll.ts";
import type { Pass } from "../../enrollment/pass.ts";
import { exitCodes } from "../../findings/problem.ts";
import { imageReference, looksLikeHubNamespace, type RegistryName } from "../../registry/name.ts";
import { firstProblem, type VerificationReport } from "../../smoke/report.ts";
import { approachEngine, verifyRegistry } from "../../smoke/verify.ts";
import type { Invocation, Outcome } from "../command.ts";
import type { Engine } from "../../smoke/docker-engine.ts";
import { changeLines, hasEffect, planJson, showPlan } from "../output/changes.ts";
import { failed } from "../outcome.ts";
import type { Painter } from "../output/paint.ts";
import { readRequest } from "./enroll-request.ts";
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
