import { whileLocked } from "../apply/locked.ts";
import { success, type Result } from "../result.ts";
import { readDeclaredClient } from "./client-step.ts";
import { commitPlan } from "./commit.ts";
import { digestDeclaration } from "./declaration.ts";
import { makePlan } from "./make-plan.ts";
import { locateConfigs } from "./managed-configs.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
import type { Plan } from "./plan.ts";
import type { RegistryState } from "./state.ts";
import { readWord } from "./word.ts";

/** What a pass that asks no network came to. */
export type Healing =
  | { readonly kind: "healed"; readonly plan: Plan; readonly state: RegistryState }
  /** The records do not say what is to be trusted: not enrolled yet, or declared otherwise than what was carried out. */
  | { readonly kind: "unknown" };

/**
 * Puts right what differs on the host from what the last pass over the network made of it, by the records alone, so it
 * works with a registry that is down. Trust and logins stay as they are. The lock is taken only if something differs.
 */
export async function heal(pass: Pass, request: EnrollRequest): Promise<Result<Healing>> {
  const looked = await look(pass, request);
  if (!looked.ok || looked.value.kind === "unknown" || looked.value.plan.changes.length === 0) return looked;
  return whileLocked(pass, request.lockTimeoutMs, pass.watch, async () => {
    const again = await look(pass, request);
    if (!again.ok || again.value.kind === "unknown") return again;
    const committed = await commitPlan(pass, `heal ${request.name.key}`, again.value.plan);
    return committed.ok ? again : committed;
  });
}

async function look(pass: Pass, request: EnrollRequest): Promise<Result<Healing>> {
  const word = await readWord(pass.host.files, request);
  if (!word.ok) return word;
  const { declaration, records } = word.value;
  const { state } = records;
  if (state?.carriedOut !== digestDeclaration(declaration)) return success({ kind: "unknown" });
  const configs = await locateConfigs(pass, declaration, state);
  if (!configs.ok) return configs;
  const client = await readDeclaredClient(pass.host, declaration);
  if (!client.ok) return client;
  const { anchors, pending, rejected, retired, sources, announced } = state;
  const plan = await makePlan(pass, {
    name: request.name,
    word: word.value,
    trust: { anchors, record: { pending, rejected, retired, sources, announced }, decisions: [] },
    client: client.value,
    configs: configs.value,
    kept: undefined,
    storing: undefined,
    open: [],
    replace: false,
    // a ca.crt of somebody else that is left was found to do when the registry was last looked at
    verifiesServed: () => true,
  });
  return plan.ok ? success({ kind: "healed", plan: plan.value, state }) : plan;
}
