import { unenroll } from "../../enrollment/unenroll.ts";
import { exitCodes } from "../../findings/problem.ts";
import { parseRegistryName } from "../../registry/name.ts";
import type { Invocation, Outcome } from "../command.ts";
import { changeLines, planJson, showPlan } from "../output/changes.ts";
import { failed } from "../outcome.ts";
import type { UnenrollArguments } from "./unenroll.ts";

/** `regclient unenroll`. */
export async function runUnenroll(args: UnenrollArguments, { pass, paint }: Invocation): Promise<Outcome> {
  const name = parseRegistryName(args.name);
  if (!name.ok) return failed(name.problem);
  const request = { name: name.value, dryRun: args.dryRun, lockTimeoutMs: args.lockTimeout * 1000 };
  const plan = await unenroll(pass, request);
  if (!plan.ok) return failed(plan.problem);
  const { changes, notes } = plan.value;
  const json = { registry: name.value.key, dryRun: args.dryRun, changes: planJson(changes), notes };
  if (args.dryRun) return { exit: exitCodes.ok, text: await showPlan(changes, paint), json };
  const done = `${paint.bold(name.value.key)} is no longer enrolled on this host`;
  const text = [done, ...changeLines(changes), ""].join("\n");
  return { exit: exitCodes.ok, text, json };
}
