import { problem, type Problem } from "../../findings/problem.ts";
import type { Entry } from "../../host/ports.ts";
import { failure, success, type Result } from "../../result.ts";
import { makeSealingKey, seal, unseal } from "../sealed.ts";
import { CREDENTIALS, type Credential, type Vault, type VaultMeans } from "../vault.ts";

/** The key that every sealed credential of this host is encrypted with. */
export const SEALING_KEY = `${CREDENTIALS}/sealing.key`;
const KEY_BYTES = 32;

/** Where the sealed credential of a registry lies. */
export function sealedPath(key: string): string {
  return `${CREDENTIALS}/${key}.sealed`;
}

/** A file encrypted under a key that only root can read: for hosts where there is nothing better. */
export const sealedVault: Vault = {
  id: "sealed",
  findObstacle: async () => undefined,
  prepare: async (means, key, credential) => {
    const sealingKey = await readOrMakeKey(means, key);
    if (!sealingKey.ok) return sealingKey;
    const path = sealedPath(key);
    const files = [
      { path: SEALING_KEY, bytes: sealingKey.value },
      { path, bytes: sealCredential(sealingKey.value, key, credential) },
    ];
    return success({ pointer: { vault: "sealed", item: path, username: credential.username }, files });
  },
  read: async ({ host }, key, { item, username }) => {
    const sealingKey = await host.files.readEntry(SEALING_KEY);
    if (!isKey(sealingKey)) return failure(unreadableKey(sealingKey, key));
    const sealed = await host.files.readEntry(item);
    if (sealed.kind !== "file") return failure(problem("RC-CRD-004", { name: key, item, reason: reasonOf(sealed) }));
    const opened = unseal(sealingKey.bytes, bindingOf(key, username), sealed.bytes);
    if (opened !== undefined) return success(opened);
    const reason = "it was sealed on another host, or was changed";
    return failure(problem("RC-CRD-004", { name: key, item, reason }));
  },
};

/** The bytes of a sealed credential: bound to the registry and the user name. */
export function sealCredential(sealingKey: Uint8Array, key: string, { username, password }: Credential): Uint8Array {
  return seal(sealingKey, bindingOf(key, username), password);
}

async function readOrMakeKey({ host }: VaultMeans, name: string): Promise<Result<Uint8Array>> {
  const kept = await host.files.readEntry(SEALING_KEY);
  if (kept.kind === "absent") return success(makeSealingKey());
  if (isKey(kept)) return success(kept.bytes);
  return failure(unreadableKey(kept, name));
}

function isKey(entry: Entry): entry is Extract<Entry, { kind: "file" }> {
  return entry.kind === "file" && entry.bytes.length === KEY_BYTES;
}

function bindingOf(key: string, username: string): string {
  return JSON.stringify([key, username]);
}

function unreadableKey(entry: Entry, name: string): Problem {
  const reason = entry.kind === "file" ? `not ${KEY_BYTES} bytes long` : reasonOf(entry);
  return problem("RC-CRD-003", { name, path: SEALING_KEY, reason }, [`${SEALING_KEY}: ${reason}`]);
}

function reasonOf(entry: Entry): string {
  return entry.kind === "unreadable" ? entry.reason : entry.kind;
}
