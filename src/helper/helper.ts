import type { SecretStore } from "../credentials/secret-store.ts";
import type { Unanswered } from "../credentials/socket-client.ts";
import type { Answer } from "../credentials/socket-protocol.ts";
import type { Processes, ReadFiles } from "../host/ports.ts";
import { getCredential } from "./get.ts";
import { listCredentials } from "./list.ts";
import { helperErrors, parseStoreRequest, refuse, type HelperAnswer, type StoreRequest } from "./protocol.ts";

/** What the helper works with. */
export interface HelperContext {
  readonly files: ReadFiles;
  readonly signal: AbortSignal;
  readonly processes: Processes;
  readonly keychain: SecretStore;
  readonly isRoot: boolean;
  /** A session that may have a keychain: without one, asking would only cost time. */
  readonly hasSession: boolean;
  readonly askSocket: (server: string) => Promise<Answer | Unanswered>;
  /** Changes the login; heavy, so it is loaded when Docker logs in or out. */
  readonly change: () => Promise<LoginChanger>;
  /** All of stdin; empty when it is longer than `maxBytes`. */
  readonly readInput: (maxBytes: number) => Promise<string>;
}

/** What `docker login` and `docker logout` come down to. */
export interface LoginChanger {
  store(request: StoreRequest): Promise<HelperAnswer>;
  erase(server: string): Promise<HelperAnswer>;
}

// 1 MB of secret is more than any token; JSON may need six bytes for one
const MAX_INPUT = 8 * 1024 * 1024;
const USAGE = "usage: docker-credential-regclient <get|list|store|erase|version>";

/** Docker's credential helper protocol: one argument, a request on stdin, an answer on stdout. */
export async function runHelper(argv: readonly string[], context: HelperContext): Promise<HelperAnswer> {
  const [action, ...rest] = argv;
  if (action === undefined || rest.length > 0) return refuse(USAGE);
  switch (action) {
    case "get":
      return getCredential((await context.readInput(MAX_INPUT)).trim(), context);
    case "list":
      return listCredentials(context);
    case "store":
      return store(context);
    case "erase":
      return erase(context);
    case "version":
    case "--version":
    case "-v":
      return { text: "docker-credential-regclient (regclient) 1\n", exit: 0 };
    case "--help":
    case "-h":
      return { text: `${USAGE}\n`, exit: 0 };
    default:
      return refuse(`unknown credential action "${action.slice(0, 40)}"`);
  }
}

async function store(context: HelperContext): Promise<HelperAnswer> {
  const request = parseStoreRequest(await context.readInput(MAX_INPUT));
  return typeof request === "string" ? refuse(request) : (await context.change()).store(request);
}

async function erase(context: HelperContext): Promise<HelperAnswer> {
  const server = (await context.readInput(MAX_INPUT)).trim();
  return server === "" ? refuse(helperErrors.noServer) : (await context.change()).erase(server);
}
