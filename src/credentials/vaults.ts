import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import type { Credential, CredentialPointer, Storing, Vault, VaultId, VaultMeans } from "./vault.ts";
import { keychainVault } from "./vaults/keychain-vault.ts";
import { sealedVault } from "./vaults/sealed-vault.ts";
import { systemdVault } from "./vaults/systemd-vault.ts";

/** Best first: a person's own keychain, the system's encryption, and a sealed file where neither is there. */
const VAULTS: readonly Vault[] = [keychainVault, systemdVault, sealedVault];

/** Picks the vault: the declared one, or for `auto` the first that can be used. */
export async function chooseVault(means: VaultMeans, declared: "auto" | VaultId): Promise<Result<VaultId>> {
  for (const vault of VAULTS) {
    if (declared !== "auto" && vault.id !== declared) continue;
    const reason = await vault.findObstacle(means);
    if (reason === undefined) return success(vault.id);
    if (declared !== "auto") return failure(problem(OBSTACLE[vault.id], { reason }, [reason]));
  }
  throw new Error("a sealed file can always be used");
}

/** Prepares storing; nothing is written yet. */
export async function prepareStoring(
  means: VaultMeans,
  vault: VaultId,
  key: string,
  credential: Credential,
): Promise<Result<Storing>> {
  return vaultOf(vault).prepare(means, key, credential);
}

/** Reads a stored credential back. */
export async function readCredential(
  means: VaultMeans,
  key: string,
  pointer: CredentialPointer,
): Promise<Result<Credential>> {
  const password = await vaultOf(pointer.vault).read(means, key, pointer);
  return password.ok ? success({ username: pointer.username, password: password.value }) : password;
}

const OBSTACLE = { keychain: "RC-CRD-002", systemd: "RC-CRD-007", sealed: "RC-CRD-003" } as const;

function vaultOf(id: VaultId): Vault {
  const found = VAULTS.find((vault) => vault.id === id);
  if (found === undefined) throw new Error(`no such vault: ${id}`);
  return found;
}
