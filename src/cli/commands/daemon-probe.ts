import { resolve } from "node:path";
import { askSocket } from "../../credentials/socket-client.ts";
import { CREDENTIAL_SOCKET } from "../../credentials/socket-protocol.ts";
import { exitCodes, problem } from "../../findings/problem.ts";
import type { Host } from "../../host/ports.ts";
import type { Outcome } from "../command.ts";
import { failed } from "../outcome.ts";

const LONGEST_MS = 5000;
// a name that nobody can have (RFC 6761 section 6.4), so that no login is read for it
const SERVER = "probe.invalid";

/**
 * `regclient daemon --probe`: asks the daemon that runs already, at `path` below the root, and ends. An answer, whatever it
 * says, is a sign of life; none within five seconds is RC-CRD-034.
 */
export async function probeDaemon(path: string | undefined, { files }: Pick<Host, "files">): Promise<Outcome> {
  const socket = files.realPath(resolve(path ?? CREDENTIAL_SOCKET));
  const answer = await askSocket(socket, SERVER, { timeoutMs: LONGEST_MS });
  if (answer.kind === "no-socket") return silent(socket, "nothing listens there");
  if (answer.kind === "no-answer") return silent(socket, answer.reason);
  // the kernel's word and not the daemon's
  if (answer.kind === "error" && answer.error === "not-allowed") return silent(socket, answer.reason);
  return { exit: exitCodes.ok, text: `the daemon answers at ${socket}\n`, json: { socket } };
}

function silent(path: string, reason: string): Outcome {
  return failed(problem("RC-CRD-034", { path, reason }, [`${path}: ${reason}`]));
}
