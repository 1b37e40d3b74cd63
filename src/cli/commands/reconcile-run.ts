import { enroll } from "../../enrollment/enroll.ts";
import { listDeclared } from "../../enrollment/observe.ts";
import type { EnrollRequest } from "../../enrollment/pass.ts";
import { exitCodes, type Problem } from "../../findings/problem.ts";
import { parseRegistryName, type RegistryName } from "../../registry/name.ts";
import type { Invocation, Outcome } from "../command.ts";
import { planJson, planText } from "../output/plan-text.ts";
import type { ReconcileArguments } from "./reconcile.ts";

/** `regclient reconcile`: each registry by itself, so that one that is down holds up no other. Nobody is asked anything. */
export async function runReconcile(args: ReconcileArguments, invocation: Invocation): Promise<Outcome> {
  const { pass, paint } = invocation;
  const texts: string[] = [];
  const json: object[] = [];
  const problems: Problem[] = [];
  for (const text of args.names.length > 0 ? args.names : await listDeclared(pass.host.files)) {
    const name = parseRegistryName(text);
    const done = name.ok ? await enroll(pass, requestFor(name.value, args)) : name;
    if (!done.ok) {
      problems.push(done.problem);
      json.push({ registry: text, problem: done.problem });
      continue;
    }
    const { changes, notes } = done.value.plan;
    const verb = args.dryRun ? "would change" : "changed";
    texts.push(changes.length === 0 ? `${text}: as declared\n` : `${text}: ${verb}\n${planText(changes, paint)}`);
    json.push({ registry: text, changed: changes.length > 0, changes: planJson(changes), notes });
  }
  if (texts.length + problems.length === 0) texts.push("no registry is declared in /etc/regclient/registries.d\n");
  return { exit: problems[0]?.exit ?? exitCodes.ok, text: texts.join(""), json: { registries: json }, problems };
}

function requestFor(name: RegistryName, args: ReconcileArguments): EnrollRequest {
  return {
    name,
    overrides: {},
    supplied: undefined,
    caUrl: undefined,
    password: undefined,
    replace: false,
    firstUse: false,
    dryRun: args.dryRun,
    requireLogin: false,
    lockTimeoutMs: args.lockTimeout * 1000,
    confirm: undefined,
    askPassword: undefined,
  };
}
