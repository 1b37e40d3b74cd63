import { randomBytes } from "node:crypto";
import { problem } from "../findings/problem.ts";
import type { Host } from "../host/ports.ts";
import { failure, success, type Result } from "../result.ts";
import type { CredentialPointer } from "../enrollment/state.ts";
import { makeSealingKey, seal, unseal } from "./sealed.ts";
import type { Secret } from "./secret.ts";
import type { SecretStore } from "./secret-store.ts";

/** Files of the sealed vault. */
export const sealedPaths = {
  key: "/var/lib/regclient/credentials/sealing.key",
  directory: "/var/lib/regclient/credentials",
} as const;

/** A credential for one registry. */
export interface Credential {
  readonly username: string;
  readonly password: Secret;
}

/** What has to be written so that a credential is kept. */
export interface Storing {
  readonly pointer: CredentialPointer;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly keychainSecret?: Secret;
}

/** Where the sealed credential of a registry lies. */
export function sealedPath(key: string): string {
  return `${sealedPaths.directory}/${key}.sealed`;
}

/**
 * Picks the vault: the declared one, or for `auto` the keychain when it answers and else a sealed file. A host tree
 * that is not the running system has no keychain.
 */
export async function chooseVault(
  host: Host,
  keychain: SecretStore,
  declared: "auto" | "keychain" | "sealed",
): Promise<Result<"keychain" | "sealed">> {
  if (declared === "sealed") return success("sealed");
  if (host.files.root !== "/") {
    return declared === "auto"
      ? success("sealed")
      : failure(problem("RC-CRD-002", { reason: "--root names another system" }));
  }
  try {
    await keychain.read("probe", host.signal);
    return success("keychain");
  } catch (error) {
    const reason = (error as Error).message;
    return declared === "auto" ? success("sealed") : failure(problem("RC-CRD-002", { reason }, [reason]));
  }
}

/** Prepares storing; nothing is written yet. A keychain item gets a new name each time, so that old and new never mix. */
export async function prepareStoring(
  host: Host,
  vault: "keychain" | "sealed",
  key: string,
  credential: Credential,
): Promise<Result<Storing>> {
  const { username, password } = credential;
  if (vault === "keychain") {
    const item = `${key} ${username} ${randomBytes(4).toString("hex")}`;
    return success({ pointer: { vault, item, username }, files: [], keychainSecret: password });
  }
  const path = sealedPath(key);
  const kept = await host.files.readEntry(sealedPaths.key);
  if (kept.kind !== "file" && kept.kind !== "absent") return failure(unreadableKey(kept.kind));
  const sealingKey = kept.kind === "file" ? kept.bytes : makeSealingKey();
  if (sealingKey.length !== 32) return failure(unreadableKey("not 32 bytes long"));
  const files = [
    { path: sealedPaths.key, bytes: sealingKey },
    { path, bytes: seal(sealingKey, bindingOf(key, username), password) },
  ];
  return success({ pointer: { vault, item: path, username }, files });
}

/** Reads a stored credential back. */
export async function readCredential(
  host: Pick<Host, "files" | "signal">,
  keychain: SecretStore,
  key: string,
  pointer: CredentialPointer,
): Promise<Result<Credential>> {
  const password =
    pointer.vault === "keychain" ? await readKeychain(host, keychain, pointer) : await readSealed(host, key, pointer);
  return password.ok ? success({ username: pointer.username, password: password.value }) : password;
}

function bindingOf(key: string, username: string): string {
  return JSON.stringify([key, username]);
}

function unreadableKey(reason: string): ReturnType<typeof problem> {
  return problem("RC-CRD-003", { path: sealedPaths.key, reason }, [`${sealedPaths.key}: ${reason}`]);
}

async function readKeychain(
  host: Pick<Host, "signal">,
  keychain: SecretStore,
  pointer: CredentialPointer,
): Promise<Result<Secret>> {
  try {
    const found = await keychain.read(pointer.item, host.signal);
    if (found !== undefined) return success(found);
    return failure(problem("RC-CRD-004", { item: pointer.item, reason: "the keychain has no such item" }));
  } catch (error) {
    return failure(problem("RC-CRD-002", { reason: (error as Error).message }, [(error as Error).message]));
  }
}

async function readSealed(host: Pick<Host, "files">, key: string, pointer: CredentialPointer): Promise<Result<Secret>> {
  const sealingKey = await host.files.readEntry(sealedPaths.key);
  if (sealingKey.kind !== "file") {
    return failure(unreadableKey(sealingKey.kind === "unreadable" ? sealingKey.reason : sealingKey.kind));
  }
  const sealed = await host.files.readEntry(pointer.item);
  if (sealed.kind !== "file") return failure(problem("RC-CRD-004", { item: pointer.item, reason: sealed.kind }));
  const opened = unseal(sealingKey.bytes, bindingOf(key, pointer.username), sealed.bytes);
  if (opened !== undefined) return success(opened);
  return failure(
    problem("RC-CRD-004", { item: pointer.item, reason: "it was sealed on another host, or was changed" }),
  );
}
