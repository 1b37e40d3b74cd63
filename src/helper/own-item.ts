import { reveal, secret } from "../credentials/secret.ts";
import type { SecretStore } from "../credentials/secret-store.ts";
import type { StoreRequest } from "./protocol.ts";

const PREFIX = "own ";

/** A login that a person stored by `docker login`, in their own keychain; it comes before the host's. */
export type OwnLogin = Pick<StoreRequest, "username" | "secret">;

/** Reads a person's own login for the registry with this key. A keychain that does not answer counts as none. */
export async function readOwnLogin(
  keychain: SecretStore,
  key: string,
  signal: AbortSignal,
): Promise<OwnLogin | undefined> {
  try {
    const item = await keychain.read(PREFIX + key, signal);
    return item === undefined ? undefined : parse(reveal(item));
  } catch {
    return undefined;
  }
}

/** Stores a person's own login; throws what the keychain throws. */
export async function storeOwnLogin(
  keychain: SecretStore,
  key: string,
  login: OwnLogin,
  signal: AbortSignal,
): Promise<void> {
  const { username, secret: password } = login;
  await keychain.store(PREFIX + key, secret(JSON.stringify({ username, secret: password })), signal);
}

/** Removes a person's own login; false when there was none. */
export async function discardOwnLogin(keychain: SecretStore, key: string, signal: AbortSignal): Promise<boolean> {
  if ((await keychain.read(PREFIX + key, signal)) === undefined) return false;
  await keychain.discard(PREFIX + key, signal);
  return true;
}

function parse(text: string): OwnLogin | undefined {
  try {
    const { username, secret: password } = JSON.parse(text) as Record<string, unknown>;
    return typeof username === "string" && typeof password === "string" ? { username, secret: password } : undefined;
  } catch {
    return undefined;
  }
}
