import { dropLogin } from "../../enrollment/login.ts";
import { exitCodes } from "../../findings/problem.ts";
import { parseRegistryName } from "../../registry/name.ts";
import type { Invocation, Outcome } from "../command.ts";
import { failed } from "../outcome.ts";
import { changeLines, planJson, showPlan } from "../output/changes.ts";
import type { LogoutArguments } from "./logout.ts";

/** `regclient logout`. */
export async function runLogout(args: LogoutArguments, { pass, paint }: Invocation): Promise<Outcome> {
  const name = parseRegistryName(args.name);
  if (!name.ok) return failed(name.problem);
  const { dryRun, lockTimeout } = args;
  const plan = await dropLogin(pass, name.value, { keepHelper: false, dryRun, lockTimeoutMs: lockTimeout * 1000 });
  if (!plan.ok) return failed(plan.problem);
  const { changes, notes } = plan.value;
  const json = { registry: name.value.key, dryRun, changes: planJson(changes), notes };
  if (args.dryRun) return { exit: exitCodes.ok, text: await showPlan(changes, paint), json };
  const what = changes.length === 0 ? "no login was stored" : "the login is no longer stored";
  return {
    exit: exitCodes.ok,
    text: [`${paint.bold(name.value.key)}: ${what}`, ...changeLines(changes), ""].join("\n"),
    json,
  };
}
