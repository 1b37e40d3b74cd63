import { secret } from "../../src/credentials/secret.ts";
import { prepareStoring } from "../../src/credentials/vaults.ts";
import { SEALING_KEY } from "../../src/credentials/vaults/sealed-vault.ts";
import { registryRecordPath } from "../../src/enrollment/record-paths.ts";
import { runHelper, type HelperContext } from "../../src/helper/helper.ts";
import type { HelperAnswer, StoreRequest } from "../../src/helper/protocol.ts";
import { parseServer } from "../../src/helper/server-name.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeBrokenKeychain } from "../support/fake-keychain.ts";
import { makeMemoryWorld, type MemoryWorld } from "../support/memory-world.ts";
import { valueOf } from "../support/registry-client.ts";

/** What the helper passed on to whoever changes logins. */
export interface Changes {
  readonly stored: StoreRequest[];
  readonly erased: string[];
}

/** A host whose sealed logins are as given, by server name. */
export async function makeHostWith(
  logins: Readonly<Record<string, { readonly username: string; readonly password: string }>>,
): Promise<MemoryWorld> {
  const world = makeMemoryWorld({ [SEALING_KEY]: "k".repeat(32) });
  const means = { host: { ...makeFakeHost({ root: "/" }), files: world.files }, keychain: makeBrokenKeychain("none") };
  for (const [server, { username, password }] of Object.entries(logins)) {
    const key = parseServer(server)?.key ?? "";
    const storing = valueOf(await prepareStoring(means, "sealed", key, { username, password: secret(password) }));
    for (const { path, bytes } of storing.files) world.write(path, Buffer.from(bytes).toString("latin1"));
    writeRecord(world, key, storing.pointer);
  }
  return world;
}

/** The parts of a registry's record that the helper reads. */
export function writeRecord(world: MemoryWorld, key: string, credential: object | undefined): void {
  world.write(registryRecordPath(key), JSON.stringify({ version: 1, registry: key, credential }));
}

/** Runs the helper as root without a session, unless `more` says otherwise; `changes` collects what is to be changed. */
export async function ask(
  world: MemoryWorld,
  argv: readonly string[],
  input: string,
  more: Partial<HelperContext> = {},
  changes: Changes = { stored: [], erased: [] },
): Promise<HelperAnswer> {
  return runHelper(argv, {
    ...makeFakeHost({ root: "/" }),
    files: world.files,
    keychain: makeBrokenKeychain("no keychain"),
    isRoot: true,
    hasSession: false,
    askSocket: async () => ({ kind: "no-socket" }),
    change: async () => ({
      store: async (request) => {
        changes.stored.push(request);
        return { text: "", exit: 0 };
      },
      erase: async (server) => {
        changes.erased.push(server);
        return { text: "", exit: 0 };
      },
    }),
    readInput: async (maxBytes) => (Buffer.byteLength(input) > maxBytes ? "" : input),
    ...more,
  });
}
