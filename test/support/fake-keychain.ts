import type { Secret } from "../../src/credentials/secret.ts";
import type { SecretStore } from "../../src/credentials/secret-store.ts";

/** A keychain in memory. */
export function makeFakeKeychain(): SecretStore & { readonly items: Map<string, Secret> } {
  const items = new Map<string, Secret>();
  return {
    items,
    store: async (item, secret) => void items.set(item, secret),
    read: async (item) => items.get(item),
    discard: async (item) => void items.delete(item),
  };
}

/** A keychain that refuses every call. */
export function makeBrokenKeychain(reason: string): SecretStore {
  const refuse = async (): Promise<never> => Promise.reject(new Error(reason));
  return { store: refuse, read: refuse, discard: refuse };
}
