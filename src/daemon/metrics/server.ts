import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ListenOptions } from "node:net";
import type { Log } from "../log.ts";
import { isLoopbackHost } from "./listen-address.ts";
import type { Metrics } from "./metrics.ts";

/** Bounds of the server. */
export interface MetricsLimits {
  readonly connections: number;
  readonly headerBytes: number;
  /** From the moment a connection is accepted to its end, in milliseconds. */
  readonly connectionMs: number;
}

/** What the server is made of. */
export interface MetricsServerParts {
  readonly listen: Pick<ListenOptions, "path" | "host" | "port">;
  readonly page: Pick<Metrics, "render" | "contentType">;
  readonly log: Log;
  readonly limits?: Partial<MetricsLimits>;
}

/** One scraper comes every few seconds; the rest is room for a person with curl. */
export const metricsLimits: MetricsLimits = { connections: 16, headerBytes: 8192, connectionMs: 10_000 };

const PATH = "/metrics";

/** Serves `GET /metrics`, one request a connection, until closed. Throws the system's error when it cannot listen. */
export async function serveMetrics(parts: MetricsServerParts): Promise<Server> {
  const limits = { ...metricsLimits, ...parts.limits };
  const server = createServer({ maxHeaderSize: limits.headerBytes, keepAlive: false }, (request, response) => {
    void answer(request, response, parts);
  });
  server.maxConnections = limits.connections;
  // one bound for all that is slow: saying nothing, a header or a body that never ends, an answer that is not read
  server.on("connection", (socket) => {
    const timer = setTimeout(() => socket.destroy(), limits.connectionMs);
    socket.once("close", () => clearTimeout(timer));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(parts.listen, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error) => parts.log("error", "the metrics server has a fault", { reason: error.message }));
  return server;
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: MetricsServerParts): Promise<void> {
  response.on("error", () => undefined);
  const { status, text, headers } = await choose(request, parts);
  const body = Buffer.from(text);
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": String(body.length),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    connection: "close",
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function choose({ method, url, headers }: IncomingMessage, parts: MetricsServerParts): Promise<Reply> {
  const { listen, page, log } = parts;
  if (listen.path === undefined && !isLoopbackHost(headers.host ?? ""))
    return { status: 421, text: "ask for localhost, 127.0.0.1 or [::1]\n" };
  if (url?.split("?")[0] !== PATH) return { status: 404, text: `nothing is here but ${PATH}\n` };
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, text: "only GET and HEAD\n", headers: { allow: "GET, HEAD" } };
  try {
    return { status: 200, text: await page.render(), headers: { "content-type": page.contentType } };
  } catch (error) {
    log("error", "the metrics could not be read by a fault of regclient", { reason: String(error) });
    return { status: 500, text: "a fault of regclient; see its log\n" };
  }
}
