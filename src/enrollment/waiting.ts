import { failure, type Result } from "../result.ts";
import { commitPlan } from "./commit.ts";
import { observeHost, type Records } from "./observe.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
import { planTrustRecord } from "./plan-decisions.ts";
import type { Waiting } from "./trust-step.ts";

/** Remembers what waits for a person's word, so that `status` shows it, and refuses. Nothing else is changed. */
export async function refuseWaiting(
  pass: Pass,
  { name, dryRun }: EnrollRequest,
  records: Records,
  { record, decisions, problem }: Waiting,
): Promise<Result<never>> {
  const { state, shared } = records;
  if (dryRun || state === undefined) return failure(problem);
  const { files, caller } = pass.host;
  const view = await observeHost({ files }, name, records, []);
  const owner = { uid: caller.uid, gid: caller.gid };
  const plan = planTrustRecord({ view, state, shared, owner, record, decisions });
  const committed = await commitPlan(pass, `remember what ${name.key} shows`, plan);
  return failure(committed.ok ? problem : committed.problem);
}
