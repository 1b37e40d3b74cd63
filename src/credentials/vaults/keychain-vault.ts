import { randomBytes } from "node:crypto";
import { problem } from "../../findings/problem.ts";
import { failure, success } from "../../result.ts";
import type { Vault } from "../vault.ts";

/** True for items named as `prepare` names those of this registry: what else is in a keychain is not for a record to say. */
export function isItemOf(key: string, item: string): boolean {
  return item.startsWith(`${key} `);
}

/** The OS keychain of the session regclient runs in. An item gets a new name each time: old and new never mix. */
export const keychainVault: Vault = {
  id: "keychain",
  findObstacle: async ({ host, keychain }) => {
    if (host.files.root !== "/") return "--root names another system";
    try {
      await keychain.read("probe", host.signal);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  },
  prepare: async (_means, key, { username, password }) => {
    const item = `${key} ${username} ${randomBytes(4).toString("hex")}`;
    return success({ pointer: { vault: "keychain", item, username }, files: [], keychainSecret: password });
  },
  read: async ({ host, keychain }, key, { item }) => {
    const refuse = (reason: string) => failure(problem("RC-CRD-004", { name: key, item, reason }));
    // the keychain is of the running system, and the record of another
    if (host.files.root !== "/") return refuse("--root names another system");
    if (!isItemOf(key, item)) return refuse("it is no keychain item of this registry");
    try {
      const found = await keychain.read(item, host.signal);
      if (found !== undefined) return success(found);
      return refuse("the keychain has no such item");
    } catch (error) {
      const reason = (error as Error).message;
      return failure(problem("RC-CRD-002", { reason }, [reason]));
    }
  },
};
