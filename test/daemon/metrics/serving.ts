import { once } from "node:events";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { createLog } from "../../../src/daemon/log.ts";
import { createMetricsPart, type MetricsPartOptions } from "../../../src/daemon/metrics/metrics-part.ts";
import type { RunningPart } from "../../../src/daemon/run-daemon.ts";

/** A running server of the text `page`, what it logged, and where it is reached. */
export interface Serving {
  readonly part: RunningPart;
  readonly lines: readonly string[];
  readonly at: NetConnectOpts;
}

/** Serves until the test is over. */
export async function serveAt(
  listen: MetricsPartOptions["listen"],
  more: Partial<MetricsPartOptions> = {},
): Promise<Serving> {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), journal: true, now: () => 0 });
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o660 };
  const page = { render: async () => "page 1\n", contentType: "text/plain; version=0.0.4; charset=utf-8" };
  const started = await createMetricsPart({ listen, owner, log, page, ...more }).start(new AbortController().signal);
  if (!started.ok) throw new Error(started.problem.cause);
  const part = started.value;
  onTestFinished(async () => part.stop(0));
  const port = Number(/:(\d+)\/metrics$/.exec(part.status)?.[1]);
  return { part, lines, at: listen.kind === "socket" ? { path: listen.path } : { host: listen.host, port } };
}

/** A connection that says what the test says. */
export async function dial(at: NetConnectOpts): Promise<Socket> {
  const socket = connect(at);
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Everything that comes until the other side ends. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // a reset is an end too
  await new Promise<void>((resolve) => void socket.once("close", () => resolve()));
  return Buffer.concat(chunks).toString("utf8");
}

/** Says `text` on a new connection and gives all that is answered. */
export async function say(at: NetConnectOpts, text: string): Promise<string> {
  const socket = await dial(at);
  const answered = readAll(socket);
  socket.write(text);
  return answered;
}
