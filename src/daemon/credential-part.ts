import { posix } from "node:path";
import { askSocket } from "../credentials/socket-client.ts";
import type { ReadFiles } from "../host/ports.ts";
import type { Native } from "../host/native.ts";
import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { groupNumbers } from "./access.ts";
import { defaultLimits, serveCredentials, type CredentialServer, type ServerParts } from "./credential-server.ts";
import type { DaemonPart, RunningPart } from "./run-daemon.ts";
import { makeSocketFile, type SocketOwner } from "./socket-file.ts";

/** What the credential socket of a daemon is made of. */
export interface CredentialPartOptions extends Pick<ServerParts, "lookup" | "log" | "onAsked"> {
  readonly socket: { readonly fd: number } | { readonly path: string; readonly owner: SocketOwner };
  readonly native: Native;
  readonly ownPid: number;
}

const GROUP = "docker";
// no connection lives longer: whoever has no answer then, gets none
const PROBE_MS = defaultLimits.connectionMs + 2000;
const PROBE_SERVER = "probe.invalid";

/** The credential socket, as a part of the daemon. */
export function createCredentialPart(options: CredentialPartOptions): DaemonPart {
  return { name: "credentials", start: async () => start(options) };
}

/** Root and group docker, as regclient.socket says it; for another user, that user and group. */
export async function defaultOwner(
  files: ReadFiles,
  caller: { readonly uid: number; readonly gid: number },
): Promise<SocketOwner> {
  const entry = await files.readEntry(await files.resolveLinks("/etc/group"));
  const text = entry.kind === "file" ? Buffer.from(entry.bytes).toString("utf8") : "";
  const gid = caller.uid === 0 ? groupNumbers(text, [GROUP])[0] : undefined;
  return { uid: caller.uid, gid: gid ?? caller.gid, mode: 0o660 };
}

async function start(options: CredentialPartOptions): Promise<Result<RunningPart>> {
  const { native, socket } = options;
  const serve = async (listen: ServerParts["listen"]): Promise<CredentialServer> =>
    serveCredentials({ ...options, peerOf: (peer) => native.peerOf(peer), listen });
  if ("path" in socket) {
    const made = await makeSocketFile(socket.path, socket.owner, async (path) => serve({ path }));
    if (!made.ok) return made;
    return success(running(made.value.server, socket.path, options, async () => made.value.remove()));
  }
  const path = native.boundPath(socket.fd);
  try {
    return success(running(await serve(socket), path, options));
  } catch (error) {
    const reason = (error as Error).message;
    return failure(problem("RC-CRD-022", { path: path ?? `descriptor ${socket.fd}`, reason }, [reason]));
  }
}

function running(
  server: CredentialServer,
  path: string | undefined,
  { log }: CredentialPartOptions,
  remove?: () => Promise<void>,
): RunningPart {
  const place = path === undefined ? "a socket without a path" : posix.normalize(path);
  return {
    status: `serving logins on ${place}`,
    isAlive: async () => {
      const said = path === undefined ? undefined : await askSocket(path, PROBE_SERVER, { timeoutMs: PROBE_MS });
      // nothing that a restart of this process would mend: the file is systemd's
      if (said?.kind === "no-socket")
        log("warning", "nothing answers at the credential socket's path", { path: place });
      return said?.kind !== "no-answer";
    },
    stop: async (graceMs) => {
      await remove?.();
      await server.stop(graceMs);
    },
  };
}
