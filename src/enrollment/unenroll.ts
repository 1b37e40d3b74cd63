import { whileLocked } from "../apply/locked.ts";
import { SEALING_KEY } from "../credentials/vaults/sealed-vault.ts";
import { problem } from "../findings/problem.ts";
import type { RegistryName } from "../registry/name.ts";
import { failure, success, type Result } from "../result.ts";
import { commitPlan, refuseLostKeychain } from "./commit.ts";
import { observeHost, observeRecords } from "./observe.ts";
import type { Pass } from "./pass.ts";
import type { Plan } from "./plan.ts";
import { withPrograms } from "./plan-programs.ts";
import { planUnenrollment } from "./plan-unenroll.ts";

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
  const taken = planUnenrollment({ name, view, state, shared, owner, isLast, vaultFiles: [SEALING_KEY] });
  const plan = withPrograms(taken, host.files.root);
  return request.dryRun ? success(plan) : commitPlan(pass, `unenroll ${name.key}`, plan);
}
