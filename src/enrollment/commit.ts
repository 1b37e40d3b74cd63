import { randomBytes } from "node:crypto";
import { applyChanges } from "../apply/transaction.ts";
import { readCredential } from "../credentials/vaults.ts";
import type { Problem } from "../findings/problem.ts";
import { success, type Result } from "../result.ts";
import type { Pass } from "./pass.ts";
import type { Plan } from "./plan.ts";
import type { RegistryState } from "./state.ts";

/** Carries a plan out, all or nothing, and tells its notes and what could not be cleaned up. The lock must be held. */
export async function commitPlan(pass: Pass, command: string, plan: Plan): Promise<Result<Plan>> {
  tellNotes(pass, plan);
  if (plan.changes.length > 0) pass.watch.begin(tellStep(plan));
  const applied = await applyChanges(pass, command, randomBytes(6).toString("hex"), plan.changes);
  if (!applied.ok) return applied;
  for (const left of applied.value) pass.watch.note(`left over: ${left}`);
  return success(plan);
}

function tellStep({ changes }: Plan): string {
  const isOurs = changes.every((change) => "internal" in change && change.internal);
  return isOurs ? "bringing regclient's own records up to date" : "changing the host, all or nothing";
}

/** What is worth saying about a plan, carried out or only shown. */
export function tellNotes({ watch }: Pick<Pass, "watch">, { notes }: Plan): void {
  for (const note of notes) watch.note(note);
}

/** A password must not stay behind in a keychain that is only locked, or belongs to another session than this one. */
export async function refuseLostKeychain(pass: Pass, key: string, state: RegistryState): Promise<Problem | undefined> {
  if (state.credential?.vault !== "keychain") return undefined;
  const read = await readCredential(pass, key, state.credential);
  return !read.ok && read.problem.code === "RC-CRD-002" ? read.problem : undefined;
}
