import type { Secret } from "./secret.ts";

/** A place outside the file system that keeps secrets by item name: the OS keychain. Methods throw what the place throws. */
export interface SecretStore {
  store(item: string, secret: Secret, signal: AbortSignal): Promise<void>;
  read(item: string, signal: AbortSignal): Promise<Secret | undefined>;
  /** Gone afterwards, also when it was not there. */
  discard(item: string, signal: AbortSignal): Promise<void>;
}
