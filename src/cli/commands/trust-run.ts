import { readDecisions } from "../../enrollment/decisions.ts";
import { enroll } from "../../enrollment/enroll.ts";
import { readEnrolled, sourcesOf } from "../../enrollment/enrolled.ts";
import { rejectPending } from "../../enrollment/reject.ts";
import { exitCodes } from "../../findings/problem.ts";
import { parseRegistryName, type RegistryName } from "../../registry/name.ts";
import { success, type Result } from "../../result.ts";
import { parseFingerprint, showPin, type Pin } from "../../trust/fingerprint.ts";
import type { Invocation, Outcome } from "../command.ts";
import { failed } from "../outcome.ts";
import { changeLines, hasEffect, planJson } from "../output/changes.ts";
import { decisionLines, trustLines, viewTrust } from "../output/trust-text.ts";
import type { TrustDecisionArguments, TrustShowArguments } from "./trust.ts";
import { unattended } from "../../enrollment/unattended.ts";

const SHOWN_DECISIONS = 10;

/** `regclient trust show`: reads records, asks no network. */
export async function runTrustShow(args: TrustShowArguments, { pass, paint }: Invocation): Promise<Outcome> {
  const name = parseRegistryName(args.name);
  if (!name.ok) return failed(name.problem);
  const enrolled = await readEnrolled(pass, name.value);
  if (!enrolled.ok) return failed(enrolled.problem);
  const { key } = name.value;
  const view = viewTrust(enrolled.value.state, sourcesOf(enrolled.value));
  const decisions = await readDecisions(pass.host.files, key, SHOWN_DECISIONS);
  const told = decisions.length === 0 ? [] : ["decisions, the last ones:", ...decisions.flatMap(decisionLines)];
  const text = [paint.bold(key), ...trustLines(key, view, paint, true), ...told, ""].join("\n");
  return { exit: exitCodes.ok, text, json: { registry: key, ...view, decisions } };
}

/** `regclient trust accept`: a pass in which a person vouches for what is served now, by its exact fingerprint. */
export async function runTrustAccept(args: TrustDecisionArguments, { pass, paint }: Invocation): Promise<Outcome> {
  const asked = readDecision(args);
  if (!asked.ok) return failed(asked.problem);
  const { name, pin } = asked.value;
  const enrolled = await readEnrolled(pass, name);
  if (!enrolled.ok) return failed(enrolled.problem);
  const done = await enroll(pass, { ...unattended(name, args.lockTimeout), accept: pin });
  if (!done.ok) return failed(done.problem);
  const { changes, notes } = done.value.plan;
  const changed = hasEffect(changes);
  const what = changed ? "is trusted now" : "is trusted already; nothing was changed";
  const lines = [`${paint.bold(name.key)}: ${showPin(pin)} ${what}`, ...changeLines(changes), ""];
  const json = { registry: name.key, accepted: showPin(pin), changed, changes: planJson(changes), notes };
  return { exit: exitCodes.ok, text: lines.join("\n"), json };
}

/** `regclient trust reject`: only the record changes. */
export async function runTrustReject(args: TrustDecisionArguments, { pass, paint }: Invocation): Promise<Outcome> {
  const asked = readDecision(args);
  if (!asked.ok) return failed(asked.problem);
  const { name, pin } = asked.value;
  const done = await rejectPending(pass, name, pin, args.lockTimeout * 1000);
  if (!done.ok) return failed(done.problem);
  const { changes, notes } = done.value;
  const changed = changes.length > 0;
  const what = changed ? "is rejected, and nobody is asked about it again" : "was rejected before";
  const text = `${paint.bold(name.key)}: ${showPin(pin)} ${what}\n`;
  return {
    exit: exitCodes.ok,
    text,
    json: { registry: name.key, rejected: showPin(pin), changed, changes: planJson(changes), notes },
  };
}

function readDecision(args: TrustDecisionArguments): Result<{ readonly name: RegistryName; readonly pin: Pin }> {
  const name = parseRegistryName(args.name);
  if (!name.ok) return name;
  const pin = parseFingerprint(args.fingerprint);
  return pin.ok ? success({ name: name.value, pin: pin.value }) : pin;
}
