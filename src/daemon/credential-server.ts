import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import {
  parseRequest,
  renderAnswer,
  socketLimits,
  type Answer,
  type SocketError,
} from "../credentials/socket-protocol.ts";
import type { Peer } from "../host/native.ts";
import { createAdmission, type Admission, type AdmissionLimits } from "./admission.ts";
import { receiveLine, sendAndLinger, sendLast, unlessAborted } from "./connection.ts";
import type { Log } from "./log.ts";

/** What asking for a login came to, and the registry it was about, for the log. */
export interface Looked {
  readonly answer: Answer;
  readonly registry: string;
}

/** How a question ended; `given` is the login itself, `not-taken` one that was not read to its end. */
export type AskOutcome =
  | "given"
  | "not-taken"
  | "hung-up"
  | "no-turn"
  | "timed-out"
  | "bad-request"
  | "turned-away"
  | SocketError;

/** Bounds of the server. */
export interface ServerLimits extends AdmissionLimits {
  readonly requestBytes: number;
  /** From the moment a connection is accepted to its end, in milliseconds. */
  readonly connectionMs: number;
}

/** What a server is made of. */
export interface ServerParts {
  /** A socket that is open already, or a path to make one at, in a directory nobody else can enter. */
  readonly listen: { readonly fd: number } | { readonly path: string };
  readonly lookup: (server: string, peer: Peer, signal: AbortSignal) => Promise<Looked>;
  readonly peerOf: (socket: Socket) => Peer | undefined;
  readonly log: Log;
  /** Told how each question ended, but for this process's own trials. */
  readonly onAsked?: (outcome: AskOutcome) => void;
  readonly limits?: Partial<ServerLimits>;
  /** Whose connections are this process's own trials, and no access. */
  readonly ownPid?: number;
}

/** A server that runs. */
export interface CredentialServer {
  /** Takes no more connections, ends those that have not asked yet, gives the others `graceMs` to be answered. */
  stop(graceMs: number): Promise<void>;
}

/** 64 at once are plenty when an answer takes milliseconds; half of them, and a quarter of the line, is the most that one user gets. */
export const defaultLimits: ServerLimits = {
  served: 64,
  perUser: 32,
  waiting: 4096,
  waitingPerUser: 1024,
  requestBytes: socketLimits.requestBytes,
  connectionMs: 5000,
};

// what the kernel makes of it: at most net.core.somaxconn
const BACKLOG = 4096;
// who is turned away gets this long to read why: closed at once, a client that still writes sees a broken pipe instead
const LINGER_MS = 250;
const MOST_LINGERING = 256;

/** Serves logins on a Unix socket until stopped. Throws the system's error when it cannot listen. */
export async function serveCredentials(parts: ServerParts): Promise<CredentialServer> {
  const limits = { ...defaultLimits, ...parts.limits };
  const context: Context = {
    ...parts,
    limits,
    admission: createAdmission(limits),
    open: new Set(),
    turned: { away: 0, lingering: 0 },
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    void handle(socket, context).catch((error: unknown) => {
      socket.destroy();
      parts.log("error", "a connection failed by a fault of regclient", { reason: String(error) });
    });
  });
  await listen(server, { ...parts.listen, backlog: BACKLOG });
  server.on("error", (error) => parts.log("error", "the credential socket has a fault", { reason: error.message }));
  return { stop: async (graceMs) => stop(server, context, graceMs) };
}

interface Connection {
  readonly controller: AbortController;
  asked: boolean;
}

interface Context extends ServerParts {
  readonly limits: ServerLimits;
  readonly admission: Admission;
  readonly open: Set<Connection>;
  /** Connections there was no room for since the last time there was, and how many of them are not gone yet. */
  readonly turned: { away: number; lingering: number };
}

async function listen(server: Server, options: ListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function stop(server: Server, { open }: Context, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  for (const { controller, asked } of open) if (!asked) controller.abort();
  const timer = setTimeout(() => {
    for (const { controller } of open) controller.abort();
  }, graceMs);
  await closed;
  clearTimeout(timer);
}

async function handle(socket: Socket, context: Context): Promise<void> {
  const { limits, log, open } = context;
  // what goes wrong on one connection ends that one; "close" follows and is waited for
  socket.on("error", () => undefined);
  const peer = context.peerOf(socket);
  if (peer === undefined) return turnAway(socket, context, "the kernel does not say who asks");
  const ticket = context.admission.enter(peer.uid);
  if (ticket === undefined) return turnAway(socket, context, "too many ask at once; try again");
  const connection: Connection = { controller: new AbortController(), asked: false };
  const timer = setTimeout(() => connection.controller.abort(), limits.connectionMs);
  open.add(connection);
  const began = performance.now();
  try {
    const { outcome, registry, level } = await converse(socket, peer, ticket.turn, connection, context);
    const { uid, gid, pid } = peer;
    const ms = Math.round(performance.now() - began);
    if (pid === context.ownPid) return;
    context.onAsked?.(outcome);
    log(level, "login asked for", { uid, gid, pid, registry, outcome, ms });
  } finally {
    clearTimeout(timer);
    open.delete(connection);
    ticket.leave();
    socket.destroy();
    reportTurnedAway(context);
  }
}

interface Told {
  readonly outcome: AskOutcome;
  readonly registry: string;
  readonly level: "info" | "notice" | "warning";
}

async function converse(
  socket: Socket,
  peer: Peer,
  turn: Promise<void>,
  connection: Connection,
  { limits, lookup, log }: Context,
): Promise<Told> {
  const { signal } = connection.controller;
  const refuse = async (reason: string, outcome: AskOutcome, registry = "-"): Promise<Told> => {
    await sendLast(socket, renderAnswer(unavailable(reason)), signal);
    return { outcome, registry, level: "warning" };
  };
  await unlessAborted(turn, signal);
  if (signal.aborted) return refuse("too many ask at once; try again", "no-turn");
  const received = await receiveLine(socket, limits.requestBytes, signal);
  if (received.kind === "gone") return { outcome: "hung-up", registry: "-", level: "notice" };
  if (received.kind === "aborted") return refuse("nothing was asked in time", "timed-out");
  const server = received.kind === "bytes" ? parseRequest(received.bytes) : undefined;
  if (server === undefined) return refuse("the request cannot be read", "bad-request");
  connection.asked = true;
  const looked = await unlessAborted(lookSafely(lookup, log, server, peer, signal), signal);
  if (looked === undefined) return refuse("the login was not found in time", "timed-out", server);
  return answer(socket, looked, signal);
}

async function answer(socket: Socket, { answer, registry }: Looked, signal: AbortSignal): Promise<Told> {
  const bytes = renderAnswer(answer);
  const taken = await sendLast(socket, bytes, signal);
  bytes.fill(0);
  if (!taken) return { outcome: "not-taken", registry, level: "notice" };
  if (answer.kind === "login") return { outcome: "given", registry, level: "info" };
  return { outcome: answer.error, registry, level: answer.error === "not-found" ? "info" : "warning" };
}

/** A fault in one look-up is told, and costs the one who asked. */
async function lookSafely(
  lookup: ServerParts["lookup"],
  log: Log,
  server: string,
  peer: Peer,
  signal: AbortSignal,
): Promise<Looked> {
  try {
    return await lookup(server, peer, signal);
  } catch (error) {
    log("error", "a look-up failed by a fault of regclient", { registry: server, reason: String(error) });
    return { answer: unavailable("a fault of regclient; see its log"), registry: server };
  }
}

async function turnAway(socket: Socket, context: Context, reason: string): Promise<void> {
  context.onAsked?.("turned-away");
  if (context.turned.away++ === 0) context.log("warning", "connections are turned away", { reason });
  if (context.turned.lingering >= MOST_LINGERING) return void socket.destroy();
  context.turned.lingering += 1;
  await sendAndLinger(socket, renderAnswer(unavailable(reason)), LINGER_MS);
  context.turned.lingering -= 1;
}

/** One line for a whole flood: else the flood would be in the journal too. */
function reportTurnedAway({ turned, open, log }: Context): void {
  if (turned.away === 0 || open.size > 0) return;
  log("warning", "no more connections are turned away", { count: turned.away });
  turned.away = 0;
}

function unavailable(reason: string): Answer {
  return { kind: "error", error: "unavailable", reason };
}
