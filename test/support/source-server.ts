import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { KeyPair } from "./self-signed.ts";

/** One answer; `endless` is sent again and again until the client has had enough, `silent` never ends. */
export interface SourceReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly endless?: string;
  readonly silent?: boolean;
}

/** What came in. */
export interface SourceAsked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** An https server that a trust source is read from. */
export interface SourceServer {
  readonly port: number;
  readonly asked: readonly SourceAsked[];
  /** How many connections came, also those that ended in the handshake. */
  readonly connections: () => number;
  answer: (asked: SourceAsked) => SourceReply;
  replaceCertificate(tls: KeyPair): void;
  close(): Promise<void>;
}

/** Starts one on 127.0.0.1 that answers 404 until it is told otherwise. */
export async function startSourceServer(tls: KeyPair): Promise<SourceServer> {
  const asked: SourceAsked[] = [];
  let connections = 0;
  const server = createServer(tls, (request, response) => {
    const came = { path: request.url ?? "", headers: request.headers };
    asked.push(came);
    const { status = 200, headers = {}, body, endless, silent = false } = started.answer(came);
    response.writeHead(status, headers);
    if (silent) return void response.write("-----BEGIN");
    if (endless === undefined) return void response.end(body);
    const more = (): void => {
      while (!response.destroyed && response.write(endless));
    };
    response.on("drain", more);
    more();
  });
  server.on("connection", () => (connections += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const started: SourceServer = {
    port: (server.address() as AddressInfo).port,
    asked,
    connections: () => connections,
    answer: () => ({ status: 404 }),
    replaceCertificate: (pair) => server.setSecureContext(pair),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return started;
}

/** Answers as a server of static files does: an ETag, and 304 to who has it. */
export function serveFile(body: string, headers: Readonly<Record<string, string>> = {}): SourceServer["answer"] {
  const etag = `"${createHash("sha256").update(body).digest("hex")}"`;
  return (asked) =>
    asked.headers["if-none-match"] === etag
      ? { status: 304, headers: { ETag: etag } }
      : { headers: { "Content-Type": "application/x-pem-file", ETag: etag, ...headers }, body };
}
