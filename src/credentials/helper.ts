import { registryStatePath, readRegistryState, statePaths, type RegistryState } from "../enrollment/state.ts";
import type { ReadFiles } from "../host/ports.ts";
import { parseRegistryName, type RegistryName } from "../registry/name.ts";
import { reveal } from "./secret.ts";
import type { SecretStore } from "./secret-store.ts";
import { readCredential } from "./vaults.ts";

/** What the helper works with. */
export interface HelperContext {
  readonly files: ReadFiles;
  readonly signal: AbortSignal;
  readonly keychain: SecretStore;
  /** All of stdin; empty when it is longer than `maxBytes`. */
  readonly readInput: (maxBytes: number) => Promise<string>;
}

/** What the helper prints on stdout, and its exit code: errors too go to stdout (docker-credential-helpers). */
export interface HelperAnswer {
  readonly text: string;
  readonly exit: 0 | 1;
}

// docker-credential-helpers credentials/error.go: Docker compares these to the letter
const NOT_FOUND = "credentials not found in native keychain";
const NO_SERVER = "no credentials server URL";
const MAX_INPUT = 1024 * 1024;

/** Docker's credential helper protocol: one argument, a request on stdin, an answer on stdout. */
export async function runHelper(argv: readonly string[], context: HelperContext): Promise<HelperAnswer> {
  const [action, ...rest] = argv;
  if (action === undefined || rest.length > 0)
    return refuse("usage: docker-credential-regclient <get|list|store|erase|version>");
  switch (action) {
    case "get":
      return get((await context.readInput(MAX_INPUT)).trim(), context);
    case "list":
      return answer(await listUsers(context));
    case "store":
    case "erase":
      return refuse(
        "regclient keeps this registry's login itself; change it with: regclient enroll NAME --username USER --password-stdin",
      );
    case "version":
    case "--version":
      return { text: "docker-credential-regclient (regclient) 1\n", exit: 0 };
    default:
      return refuse(`unknown credential action "${action.slice(0, 40)}"`);
  }
}

async function get(server: string, context: HelperContext): Promise<HelperAnswer> {
  if (server === "") return refuse(NO_SERVER);
  const name = nameOf(server);
  const state = name && (await stateOf(name, context));
  if (name === undefined || state?.credential === undefined) return refuse(NOT_FOUND);
  const credential = await readCredential(context, context.keychain, name.key, state.credential);
  if (!credential.ok) return refuse(`${credential.problem.summary}: ${credential.problem.cause}`);
  const { username, password } = credential.value;
  return answer({ ServerURL: server, Username: username, Secret: reveal(password) });
}

/** Docker names servers as in image references; older clients put a scheme and a path around that. */
function nameOf(server: string): RegistryName | undefined {
  const bare = server.replace(/^https?:\/\//i, "").replace(/\/.*$/, "");
  const name = parseRegistryName(bare);
  return name.ok ? name.value : undefined;
}

async function stateOf(name: RegistryName, { files }: HelperContext): Promise<RegistryState | undefined> {
  const path = registryStatePath(name.key);
  const state = readRegistryState(await files.readEntry(path), path);
  return state.ok ? state.value : undefined;
}

async function listUsers(context: HelperContext): Promise<Record<string, string>> {
  const directory = await context.files.readEntry(statePaths.registries);
  const users: Record<string, string> = {};
  for (const file of directory.kind === "directory" ? directory.names : []) {
    const name = nameOf(file.replace(/\.json$/, ""));
    const credential = name && (await stateOf(name, context))?.credential;
    if (name === undefined || credential === undefined) continue;
    for (const alias of name.aliases) users[alias] = credential.username;
  }
  return users;
}

function answer(value: object): HelperAnswer {
  return { text: `${JSON.stringify(value)}\n`, exit: 0 };
}

function refuse(text: string): HelperAnswer {
  return { text: `${text}\n`, exit: 1 };
}
