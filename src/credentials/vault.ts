import type { Host } from "../host/ports.ts";
import type { Result } from "../result.ts";
import type { Secret } from "./secret.ts";
import type { SecretStore } from "./secret-store.ts";

/** The kinds of vaults, as `--vault` names them. */
export type VaultId = "keychain" | "systemd" | "sealed";

/** A credential for one registry. */
export interface Credential {
  readonly username: string;
  readonly password: Secret;
}

/** Where a credential lies; never the credential. */
export interface CredentialPointer {
  readonly vault: VaultId;
  readonly item: string;
  readonly username: string;
}

/** What has to be written so that a credential is kept. */
export interface Storing {
  readonly pointer: CredentialPointer;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly keychainSecret?: Secret;
}

/** What vaults work with. */
export interface VaultMeans {
  readonly host: Pick<Host, "files" | "processes" | "signal">;
  readonly keychain: SecretStore;
}

/** A place where passwords are kept. Nothing here writes a file: storing is planned, and carried out with everything else. */
export interface Vault {
  readonly id: VaultId;
  /** Why it cannot be used on this host now; undefined when it can. */
  findObstacle(means: VaultMeans): Promise<string | undefined>;
  /** What it takes to keep the credential of the registry with this key. */
  prepare(means: VaultMeans, key: string, credential: Credential): Promise<Result<Storing>>;
  read(means: VaultMeans, key: string, pointer: CredentialPointer): Promise<Result<Secret>>;
}

/** Where files of vaults lie: root alone may enter. */
export const CREDENTIALS = "/var/lib/regclient/credentials";
