import { randomBytes } from "node:crypto";
import { applyChanges } from "../apply/transaction.ts";
import { whileLocked } from "../apply/locked.ts";
import { readCredential } from "../credentials/vaults.ts";
import { SEALING_KEY } from "../credentials/vaults/sealed-vault.ts";
import { problem, type Problem } from "../findings/problem.ts";
import type { RegistryName } from "../registry/name.ts";
import { failure, success, type Result } from "../result.ts";
import { observeHost, observeRecords } from "./observe.ts";
import type { Pass } from "./pass.ts";
import type { Plan } from "./plan.ts";
import { planUnenrollment } from "./plan-unenroll.ts";
import type { RegistryState } from "./state.ts";

/** What the user asked `unenroll` for. */
export interface UnenrollRequest {
  readonly name: RegistryName;
  readonly dryRun: boolean;
  readonly lockTimeoutMs: number;
}

/** Takes back exactly what enrolling added; a registry that is not enrolled is a Problem. */
export async function unenroll(pass: Pass, request: UnenrollRequest): Promise<Result<Plan>> {
  const work = () => unenrollUnlocked(pass, request);
  return request.dryRun ? work() : whileLocked(pass, request.lockTimeoutMs, pass.watch, work);
}

async function unenrollUnlocked(pass: Pass, request: UnenrollRequest): Promise<Result<Plan>> {
  const { name } = request;
  const { host } = pass;
  const records = await observeRecords(host.files, name.key);
  if (!records.ok) return records;
  const { state, shared, enrolled } = records.value;
  if (state === undefined) {
    return failure(problem("RC-CFG-004", { name: name.key, enrolled: enrolled.join(", ") || "none" }));
  }
  const lost = await refuseLostKeychain(pass, name.key, state);
  if (lost !== undefined) return failure(lost);
  const view = await observeHost(host, name, records.value, []);
  const isLast = enrolled.every((key) => key === name.key);
  const owner = { uid: host.caller.uid, gid: host.caller.gid };
  const plan = planUnenrollment({ name, view, state, shared, owner, isLast, vaultFiles: [SEALING_KEY] });
  for (const note of plan.notes) pass.watch.note(note);
  if (request.dryRun) return success(plan);
  const applied = await applyChanges(pass, `unenroll ${name.key}`, randomBytes(6).toString("hex"), plan.changes);
  if (!applied.ok) return applied;
  for (const left of applied.value) pass.watch.note(`left over: ${left}`);
  return success(plan);
}

/** A password must not stay behind in a keychain that is only locked, or belongs to another session than this one. */
async function refuseLostKeychain(pass: Pass, key: string, state: RegistryState): Promise<Problem | undefined> {
  if (state.credential?.vault !== "keychain") return undefined;
  const read = await readCredential(pass, key, state.credential);
  return !read.ok && read.problem.code === "RC-CRD-002" ? read.problem : undefined;
}
