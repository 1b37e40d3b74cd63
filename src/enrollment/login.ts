import { whileLocked } from "../apply/locked.ts";
import type { Credential } from "../credentials/vault.ts";
import { chooseVault, prepareStoring } from "../credentials/vaults.ts";
import type { RegistryName } from "../registry/name.ts";
import { failure, success, type Result } from "../result.ts";
import { commitPlan, refuseLostKeychain } from "./commit.ts";
import { readEnrolled, type EnrolledRegistry } from "./enrolled.ts";
import { observeHost, observeRecords } from "./observe.ts";
import type { Pass } from "./pass.ts";
import type { Plan } from "./plan.ts";
import { planLogin, planLogout, type LoginInput } from "./plan-login.ts";

/** Puts another login in place of the stored one. Whether it works must have been tried before. */
export async function replaceLogin(
  pass: Pass,
  name: RegistryName,
  credential: Credential,
  lockTimeoutMs: number,
): Promise<Result<Plan>> {
  return whileLocked(pass, lockTimeoutMs, pass.watch, async () => {
    const input = await observeLogin(pass, name);
    if (!input.ok) return input;
    const { state, declaration } = input.value;
    const before = state.credential?.vault;
    const vault =
      before === undefined ? await chooseVault(pass, declaration?.credentials.vault ?? "auto") : success(before);
    if (!vault.ok) return vault;
    const storing = await prepareStoring(pass, vault.value, name.key, credential);
    if (!storing.ok) return storing;
    const replaces = state.credential === undefined ? {} : { replaces: state.credential };
    return commitPlan(pass, `login ${name.key}`, planLogin(input.value, { ...storing.value, ...replaces }));
  });
}

/** How `logout` is to be done. */
export interface LogoutOptions {
  /** Leaves the credential helper in Docker's config files. */
  readonly keepHelper: boolean;
  readonly dryRun: boolean;
  readonly lockTimeoutMs: number;
}

/** Removes the stored login; the registry stays trusted. */
export async function dropLogin(pass: Pass, name: RegistryName, options: LogoutOptions): Promise<Result<Plan>> {
  const work = async (): Promise<Result<Plan>> => {
    const input = await observeLogin(pass, name);
    if (!input.ok) return input;
    const lost = await refuseLostKeychain(pass, name.key, input.value.state);
    if (lost !== undefined) return failure(lost);
    const plan = planLogout(input.value, options);
    return options.dryRun ? success(plan) : commitPlan(pass, `logout ${name.key}`, plan);
  };
  return options.dryRun ? work() : whileLocked(pass, options.lockTimeoutMs, pass.watch, work);
}

async function observeLogin(
  pass: Pass,
  name: RegistryName,
): Promise<Result<LoginInput & Pick<EnrolledRegistry, "declaration">>> {
  const { host } = pass;
  const enrolled = await readEnrolled(pass, name);
  if (!enrolled.ok) return enrolled;
  const records = await observeRecords(host.files, name.key);
  if (!records.ok) return records;
  const view = await observeHost(host, name, records.value, []);
  const owner = { uid: host.caller.uid, gid: host.caller.gid };
  const { state, declaration } = enrolled.value;
  return success({ name, view, state, declaration, shared: records.value.shared, owner });
}
