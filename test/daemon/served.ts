import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { secret } from "../../src/credentials/secret.ts";
import { serveCredentials, type Looked, type ServerParts } from "../../src/daemon/credential-server.ts";
import { createLog } from "../../src/daemon/log.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

export const password = "sesam öffne dich";

/** A server on a socket of its own, and what it logged. */
export interface Served {
  readonly path: string;
  readonly lines: readonly string[];
  stop(graceMs: number): Promise<void>;
}

/** Serves `password` for every name, to a user 1000, until the test is over; `parts` say it otherwise. */
export async function serve(parts: Partial<ServerParts> = {}): Promise<Served> {
  const path = join(makeScratchRoot(), "s");
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), journal: true, now: () => 0 });
  const server = await serveCredentials({
    listen: { path },
    log,
    peerOf: () => ({ uid: 1000, gid: 1000, pid: 4242, groups: [] }),
    lookup: async (name) => login(name),
    ...parts,
  });
  let stopped: Promise<void> | undefined;
  const stop = async (graceMs: number): Promise<void> => (stopped ??= server.stop(graceMs));
  onTestFinished(async () => stop(0));
  return { path, lines, stop };
}

export function login(registry: string): Looked {
  return { registry, answer: { kind: "login", username: "xl", secret: secret(password) } };
}

/** A connection that says what the test says. */
export async function dial(path: string): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Everything that comes until the other side ends. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // a reset is an end too, also for who is still writing
  await new Promise<void>((resolve) => void socket.once("end", resolve).once("close", () => resolve()));
  return Buffer.concat(chunks).toString("utf8");
}
