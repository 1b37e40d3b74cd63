import type { HelperContext } from "./helper.ts";
import { readOwnLogin } from "./own-item.ts";
import { answer, type HelperAnswer } from "./protocol.ts";
import { listRecords, readPointer } from "./records.ts";
import { parseServer } from "./server-name.ts";

/** Servers and user names, under every name that Docker may ask for; never a secret. */
export async function listCredentials(context: HelperContext): Promise<HelperAnswer> {
  const users: Record<string, string> = {};
  for (const key of await listRecords(context.files)) {
    const name = parseServer(key);
    if (name === undefined) continue;
    const own = context.hasSession ? await readOwnLogin(context.keychain, key, context.signal) : undefined;
    const username = own?.username ?? (await readPointer(context.files, key))?.username;
    if (username !== undefined) for (const alias of name.aliases) users[alias] = username;
  }
  return answer(users);
}
