import { Agent, type AgentOptions } from "node:https";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { Readable } from "node:stream";
import fetch, { type RequestInit, type Response } from "node-fetch";
import type { Problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import type { Certificate } from "../trust/certificate.ts";
import { dial, type DialOptions, type Target } from "./dial.ts";
import { startExchange, type Exchange } from "./exchange.ts";
import { explainHttpError } from "./network-errors.ts";

/** One request. A streamed body is a function, so that it can be begun anew. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Milliseconds for the whole exchange, when it is not the client's own. */
  readonly totalMs?: number;
  /** Milliseconds of silence, when it is not the client's own. */
  readonly idleMs?: number;
}

/** An answer whose headers have come. Its body must be read, or discarded, for the connection to be free again. */
export interface HttpResponse {
  readonly url: URL;
  readonly status: number;
  /** The value of a header, several joined with a comma; the name in any case. */
  header(name: string): string | undefined;
  /** Hands the raw body to `onChunk`, at most `maxBytes` of it; gives back how many bytes came. */
  read(maxBytes: number, onChunk: (chunk: Uint8Array) => void | Promise<void>): Promise<Result<number>>;
}

/** An HTTPS client with one pool of connections and one idea of trust. */
export interface Http {
  /** Sends one request. No redirect is followed and nothing is decompressed. Gives a Problem for every network failure. */
  request(request: HttpRequest): Promise<Result<HttpResponse>>;
  /** Uses a connection that is there already for the next request to its host and port. */
  adopt(connection: VerifiedConnection): void;
  /** Ends every connection, also those under way and those adopted. */
  close(): void;
}

/** A connection that was verified, as this client's own are, and that nothing was sent on. */
export interface VerifiedConnection extends Target {
  readonly socket: TLSSocket;
  /** What it was verified by, leaf first. */
  readonly chain: readonly Certificate[];
}

/** `idleMs`: longest silence; `totalMs`: longest exchange; `connectMs`: names, TCP and TLS together. */
export interface HttpOptions extends DialOptions {
  readonly timeouts: { readonly connectMs: number; readonly idleMs: number; readonly totalMs: number };
  readonly signal: AbortSignal;
}

/**
 * Makes an HTTPS client (RFC 9110, RFC 9112; TLS 1.2 at least). Certificates are verified by Node against `trust.ca` and
 * by `judge`, before a byte of HTTP is sent. Response headers are limited to Node's 16 KiB.
 */
export function createHttp(options: HttpOptions): Http {
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  const pool = makePool({ ...options, signal });
  const connection: Connection = { ...pool, options: { ...options, signal } };
  return {
    request: async (request) => {
      if (request.url.protocol !== "https:") throw new Error("only https:// is ever spoken");
      const first = await exchangeOnce(connection, request);
      return isStaleConnection(first, request) ? exchangeOnce(connection, request) : first;
    },
    adopt: (adopted) => void pool.adopted.add(adopted),
    close: () => {
      closing.abort();
      for (const { socket } of pool.adopted) socket.destroy();
      pool.agent.destroy();
    },
  };
}

interface Pool {
  readonly agent: Agent;
  /** Connections that are there, and not in use yet. */
  readonly adopted: Set<VerifiedConnection>;
  /** Why a connection was not made, by the code of the error that node-fetch passes on; it keeps nothing else. */
  readonly refusals: Map<string, Problem>;
  readonly isConnecting: () => boolean;
}

interface Connection extends Pool {
  readonly options: HttpOptions;
}

type Connect = (error: Error | null, socket?: Duplex) => void;

function makePool(options: HttpOptions): Pool {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, maxFreeSockets: 4 });
  const refusals = new Map<string, Problem>();
  const adopted = new Set<VerifiedConnection>();
  let refused = 0;
  let underway = 0;
  const createConnection = (target: AgentOptions, done: Connect): undefined => {
    const ready = takeAdopted(adopted, targetOf(target));
    if (ready !== undefined) {
      done(null, ready.socket);
      return undefined;
    }
    underway += 1;
    const dialled = dial(targetOf(target), options, options.timeouts.connectMs, options.signal).finally(
      () => (underway -= 1),
    );
    dialled.then((result) => {
      if (result.ok) return done(null, result.value);
      const code = `RC-REFUSED-${(refused += 1)}`;
      refusals.set(code, result.problem);
      return done(Object.assign(new Error("not connected"), { code }));
    }, done);
  };
  return { agent: Object.assign(agent, { createConnection }), adopted, refusals, isConnecting: () => underway > 0 };
}

function targetOf({ host, port }: AgentOptions): Target {
  // oxlint-disable-next-line no-unnecessary-type-conversion -- node-fetch passes the port of the URL on, which is text
  return { host: (host ?? "").replaceAll(/[[\]]/g, ""), port: Number(port ?? 443) };
}

function takeAdopted(adopted: Set<VerifiedConnection>, { host, port }: Target): VerifiedConnection | undefined {
  for (const each of adopted) {
    if (each.host !== host || each.port !== port) continue;
    adopted.delete(each);
    // the server may have ended it meanwhile
    if (!each.socket.destroyed && each.socket.readyState === "open") return each;
  }
  return undefined;
}

async function exchangeOnce(connection: Connection, request: HttpRequest): Promise<Result<HttpResponse>> {
  const { timeouts, signal } = connection.options;
  const limits = { idleMs: request.idleMs ?? timeouts.idleMs, totalMs: request.totalMs ?? timeouts.totalMs };
  const exchange = startExchange(limits, signal, connection.isConnecting);
  try {
    const response = await fetch(request.url.href, toInit(connection.agent, request, exchange));
    return success(toResponse(request, response, exchange));
  } catch (error) {
    exchange.end();
    const code = codeOf(error);
    const refusal = connection.refusals.get(code);
    connection.refusals.delete(code);
    return failure(refusal ?? explainHttpError(request, error, exchange.stoppedBy()));
  }
}

function toInit(agent: Agent, request: HttpRequest, exchange: Exchange): RequestInit {
  const { body } = request;
  return {
    method: request.method,
    headers: { "User-Agent": "regclient", ...request.headers },
    redirect: "manual",
    compress: false,
    agent,
    signal: exchange.signal,
    ...(body === undefined ? {} : { body: typeof body === "function" ? stream(body, exchange) : Buffer.from(body) }),
  };
}

function stream(body: () => AsyncIterable<Uint8Array>, exchange: Exchange): Readable {
  exchange.uploading(true);
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of body()) {
      exchange.touch();
      yield chunk;
    }
    exchange.uploading(false);
  };
  return Readable.from(chunks(), { objectMode: false });
}

function toResponse(request: HttpRequest, response: Response, exchange: Exchange): HttpResponse {
  exchange.touch();
  return {
    url: request.url,
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    read: async (maxBytes, onChunk) => {
      try {
        return await readChunks(request, response, exchange, { maxBytes, onChunk });
      } finally {
        exchange.end();
      }
    },
  };
}

interface Sink {
  readonly maxBytes: number;
  readonly onChunk: (chunk: Uint8Array) => void | Promise<void>;
}

async function readChunks(
  request: HttpRequest,
  response: Response,
  exchange: Exchange,
  { maxBytes, onChunk }: Sink,
): Promise<Result<number>> {
  let total = 0;
  const chunks = (response.body ?? Readable.from([]))[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  for (;;) {
    exchange.touch();
    const next = await chunks.next().catch((error: unknown) => ({ failed: error }));
    if ("failed" in next) return failure(explainHttpError(request, next.failed, exchange.stoppedBy(), "body"));
    if (next.done === true) return success(total);
    total += next.value.byteLength;
    exchange.pause();
    if (total > maxBytes) {
      exchange.cut();
      return failure(explainHttpError(request, undefined, { reason: "size", limit: maxBytes }, "body"));
    }
    await onChunk(next.value);
  }
}

/** A kept connection may have been closed by the server a moment ago: what can be sent again is, once. */
function isStaleConnection(result: Result<HttpResponse>, request: HttpRequest): boolean {
  return !result.ok && result.problem.code === "RC-NET-012" && typeof request.body !== "function";
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
