import type { Credential, CredentialPointer, VaultMeans } from "../credentials/vault.ts";
import { readCredential } from "../credentials/vaults.ts";
import type { SocketError } from "../credentials/socket-protocol.ts";
import { registryRecordPath } from "../enrollment/record-paths.ts";
import { readRegistryState } from "../enrollment/state.ts";
import type { Problem } from "../findings/problem.ts";
import { parseServer } from "../helper/server-name.ts";
import type { RegistryName } from "../registry/name.ts";
import type { Result } from "../result.ts";
import { groupNumbers, mayHaveLogin, type Identity } from "./access.ts";
import type { Looked } from "./credential-server.ts";

/** What look-ups work with. */
export interface LookupContext extends VaultMeans {
  /** Names of the groups that may have the login of a registry. */
  readonly allowedGroups: (name: RegistryName) => Promise<Result<readonly string[]>>;
}

/** Finds the login of a server for a peer: enrolled with a login? may this one have it? then the vault. */
export function createLookup(context: LookupContext): (server: string, peer: Identity) => Promise<Looked> {
  const readShared = shareReading(context);
  return async (server, peer) => {
    const name = parseServer(server);
    if (name === undefined) return refuse(server, "not-found", "that is no name of a registry");
    const registry = name.key;
    const path = registryRecordPath(registry);
    const state = readRegistryState(await context.host.files.readEntry(path), path);
    if (!state.ok) return fail(registry, state.problem);
    const pointer = state.value?.credential;
    if (pointer === undefined) return refuse(registry, "not-found", `no login is kept for ${registry}`);
    const groups = await context.allowedGroups(name);
    if (!groups.ok) return fail(registry, groups.problem);
    if (!(await isAllowed(peer, groups.value, context)))
      return refuse(registry, "not-allowed", notIn(groups.value, registry));
    const credential = await readShared(registry, pointer);
    if (!credential.ok) return fail(registry, credential.problem);
    const { username, password } = credential.value;
    return { registry, answer: { kind: "login", username, secret: password } };
  };
}

/** Who asks while the same login is being read waits for that: opening a vault may cost a process. */
function shareReading(
  context: LookupContext,
): (key: string, pointer: CredentialPointer) => Promise<Result<Credential>> {
  const reading = new Map<string, Promise<Result<Credential>>>();
  return async (key, pointer) => {
    const id = JSON.stringify([key, pointer]);
    const running = reading.get(id) ?? readCredential(context, key, pointer).finally(() => reading.delete(id));
    reading.set(id, running);
    return running;
  };
}

async function isAllowed(peer: Identity, groups: readonly string[], { host }: LookupContext): Promise<boolean> {
  const entry = await host.files.readEntry(await host.files.resolveLinks("/etc/group"));
  const text = entry.kind === "file" ? Buffer.from(entry.bytes).toString("utf8") : "";
  return mayHaveLogin(peer, groupNumbers(text, groups));
}

function notIn(groups: readonly string[], registry: string): string {
  if (groups.length === 0) return `only root may have the login of ${registry}`;
  return `this user is in no group that may have the login of ${registry}: ${groups.join(", ")}`;
}

function refuse(registry: string, error: SocketError, reason: string): Looked {
  return { registry, answer: { kind: "error", error, reason } };
}

function fail(registry: string, { code, summary, cause }: Problem): Looked {
  return refuse(registry, "unavailable", `${code}: ${summary}: ${cause}`);
}
