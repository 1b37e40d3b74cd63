import type { Change } from "../../change.ts";
import { enroll } from "../../enrollment/enroll.ts";
import { listToReconcile } from "../../enrollment/reconcile.ts";
import { exitCodes, type Problem } from "../../findings/problem.ts";
import { parseRegistryName } from "../../registry/name.ts";
import type { Invocation, Outcome } from "../command.ts";
import { failed } from "../outcome.ts";
import type { Painter } from "../output/paint.ts";
import { changeLines, hasEffect, planJson, showPlan } from "../output/changes.ts";
import type { ReconcileArguments } from "./reconcile.ts";
import { unattended } from "../../enrollment/unattended.ts";

/** `regclient reconcile`: each registry by itself, so that one that is down holds up no other. Nobody is asked anything. */
export async function runReconcile(args: ReconcileArguments, invocation: Invocation): Promise<Outcome> {
  const { pass, paint } = invocation;
  const lockTimeoutMs = args.lockTimeout * 1000;
  const listed = await listToReconcile(pass, args.names, { dryRun: args.dryRun, lockTimeoutMs });
  if (!listed.ok) return failed(listed.problem);
  const texts: string[] = [];
  const json: object[] = [];
  const problems: Problem[] = [];
  for (const text of listed.value) {
    const name = parseRegistryName(text);
    const done = name.ok
      ? await enroll(pass, { ...unattended(name.value, args.lockTimeout), dryRun: args.dryRun })
      : name;
    if (!done.ok) {
      problems.push(done.problem);
      json.push({ registry: text, problem: done.problem });
      continue;
    }
    const { changes, notes } = done.value.plan;
    texts.push(await textFor(text, changes, args.dryRun, paint));
    json.push({ registry: text, changed: hasEffect(changes), changes: planJson(changes), notes });
  }
  if (texts.length + problems.length === 0) texts.push("no registry is declared in /etc/regclient/registries.d\n");
  return { exit: problems[0]?.exit ?? exitCodes.ok, text: texts.join(""), json: { registries: json }, problems };
}

async function textFor(name: string, changes: readonly Change[], dryRun: boolean, paint: Painter): Promise<string> {
  if (!hasEffect(changes)) return `${name}: as declared\n`;
  if (dryRun) return `${name}: would be changed\n${await showPlan(changes, paint)}`;
  return [`${name}: put right`, ...changeLines(changes), ""].join("\n");
}
