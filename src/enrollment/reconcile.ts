import { whileLocked } from "../apply/locked.ts";
import { success, type Result } from "../result.ts";
import { listDeclared } from "./observe.ts";
import type { EnrollRequest, Pass } from "./pass.ts";

/**
 * The keys of the registries to reconcile: `names`, or without any all that are declared. What an interrupted run left
 * is cleaned up first, as a half-made enrollment has a declaration too. A dry run writes nothing, so it does not.
 */
export async function listToReconcile(
  pass: Pass,
  names: readonly string[],
  { dryRun, lockTimeoutMs }: Pick<EnrollRequest, "dryRun" | "lockTimeoutMs">,
): Promise<Result<readonly string[]>> {
  if (!dryRun) {
    const settled = await whileLocked(pass, lockTimeoutMs, pass.watch, async () => success(undefined));
    if (!settled.ok) return settled;
  }
  return success(names.length > 0 ? names : await listDeclared(pass.host.files));
}
