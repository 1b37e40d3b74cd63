import { once } from "node:events";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { KeyPair } from "./self-signed.ts";

/** A server that does exactly what a test says, and remembers what came in. */
export interface RawServer {
  readonly port: number;
  /** Request heads, in order. */
  readonly heads: readonly string[];
  /** How many connections came. */
  readonly connections: () => number;
  /** Bytes the client took, as far as the kernel lets one see. */
  readonly written: () => number;
  close(): Promise<void>;
}

/** Answers one request head; the socket is the server's to abuse. `reset` sends a TCP reset. */
export type Respond = (socket: Socket, head: string, reset: () => void) => void;

/** Speaks TLS, then calls `respond` for each request head. */
export function startTls(pair: KeyPair, respond: Respond, options: TlsOptions = {}): Promise<RawServer> {
  return start((handle) => createTlsServer({ ...pair, ...options }, handle), readHeads(respond));
}

/** Speaks no TLS: calls `greet` for each connection. */
export function startTcp(greet: (socket: Socket) => void, address = "127.0.0.1"): Promise<RawServer> {
  return start((handle) => createTcpServer(handle), greet, address);
}

/** A whole answer, with its Content-Length. */
export function answer(status: string, headers: readonly string[] = [], body = ""): string {
  return [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, "", body].join("\r\n");
}

/** Writes `chunk` again and again, as fast as it is taken. */
export function flood(socket: Socket, chunk: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", more);
  more();
}

/** Writes `text` a byte at a time. */
export function trickle(socket: Socket, text: string, everyMs: number): void {
  let sent = 0;
  const timer = setInterval(() => socket.write(text.charAt(sent++) || "x"), everyMs);
  socket.on("close", () => clearInterval(timer));
}

type Handle = (socket: Socket, recorder: Recorder) => void;

interface Recorder {
  readonly heads: string[];
  readonly reset: (remotePort: number | undefined) => void;
}

function readHeads(respond: Respond): Handle {
  return (socket, recorder) => {
    let pending = "";
    socket.on("data", (chunk: Buffer) => {
      pending += chunk.toString("latin1");
      const end = pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = pending.slice(0, end);
      pending = "";
      recorder.heads.push(head);
      respond(socket, head, () => recorder.reset(socket.remotePort));
    });
  };
}

async function start(
  make: (handle: (socket: Socket) => void) => Server,
  handle: Handle,
  address = "127.0.0.1",
): Promise<RawServer> {
  const raw = new Set<Socket>();
  const reset = (port: number | undefined): void => {
    [...raw].find((one) => one.remotePort === port)?.resetAndDestroy();
  };
  const recorder: Recorder = { heads: [], reset };
  const sockets = new Set<Socket>();
  const server = make((socket) => {
    socket.on("error", () => undefined);
    sockets.add(socket);
    handle(socket, recorder);
  });
  server.on("connection", (socket: Socket) => raw.add(socket));
  server.on("tlsClientError", () => undefined);
  server.listen(0, address);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    heads: recorder.heads,
    connections: () => raw.size,
    written: () => [...raw].reduce((sum, socket) => sum + socket.bytesWritten, 0),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of [...raw, ...sockets]) socket.destroy();
      await closed;
    },
  };
}
