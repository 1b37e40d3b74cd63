import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createAccess, type Access, type AccessRules } from "./access.ts";
import { serveBlob, serveManifest, serveTags } from "./content.ts";
import { reply, replyError, type Call } from "./reply.ts";
import { createStorage, type Storage } from "./storage.ts";
import { continueUpload, startUpload } from "./uploads.ts";

/** How the registry is to be. Port 0 takes a free one; without `tls` it speaks plain HTTP. */
export interface EmbeddedRegistryOptions extends AccessRules {
  readonly tls?: { readonly key: string; readonly cert: string };
  /** PEM of the CA that every client must have a certificate of. */
  readonly clientCa?: string;
  readonly host: string;
  readonly port: number;
  readonly deleteEnabled: boolean;
  readonly readOnly?: boolean;
  /** Told how many bytes of a blob have just come in. */
  readonly onChunk?: (bytes: number) => void;
}

/** One request that came in. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly hadAuthorization: boolean;
}

/** A registry that runs. */
export interface EmbeddedRegistry {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly LoggedRequest[];
  /** How many connections came. */
  connections(): number;
  /** Serves another certificate from the next connection on. */
  replaceCertificate(tls: { readonly key: string; readonly cert: string }): void;
  close(): Promise<void>;
}

/** Starts a whole registry (distribution-spec 1.1) in memory. */
export async function startEmbeddedRegistry(options: EmbeddedRegistryOptions): Promise<EmbeddedRegistry> {
  const requests: LoggedRequest[] = [];
  const handle = createHandler(options);
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = "", url = "" } = request;
    requests.push({ method, path: url, hadAuthorization: request.headers.authorization !== undefined });
    handle(request, response).catch(() => response.destroy());
  };
  const asking = options.clientCa === undefined ? {} : { ca: options.clientCa, requestCert: true };
  const secure = options.tls === undefined ? undefined : createHttpsServer({ ...options.tls, ...asking }, listener);
  const server: Server = secure ?? createHttpServer(listener);
  let connections = 0;
  server.on("connection", () => (connections += 1));
  server.listen(options.port, options.host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    url: `${secure === undefined ? "http" : "https"}://${host}:${port}`,
    port,
    requests,
    connections: () => connections,
    replaceCertificate: (tls) => secure?.setSecureContext({ ...tls, ...asking }),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function createHandler(
  options: EmbeddedRegistryOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const storage = createStorage(options.onChunk);
  const access = createAccess(options);
  return async (request, response) => {
    const url = URL.parse(request.url ?? "", "http://registry");
    if (url === null) return void response.writeHead(400).end();
    return route(options, storage, access, { request, response, url });
  };
}

const NAME = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*";
const ROUTE = new RegExp(`^/v2/(${NAME})/(manifests|blobs/uploads|blobs|tags)/([^/]*)$`);

async function route(options: EmbeddedRegistryOptions, storage: Storage, access: Access, call: Call): Promise<void> {
  const { pathname } = call.url;
  if (pathname === "/token") return access.giveToken(call);
  if (pathname === "/v2") return reply(call, 301, { Location: "/v2/" });
  const [, repository, kind, last = ""] = ROUTE.exec(pathname) ?? [];
  if (repository === undefined && pathname !== "/v2/" && pathname !== "/v2/_catalog")
    return reply(call, 404, { "Content-Type": "text/plain" }, "404 page not found\n");
  if (!(await access.admit(call, repository, actionsOf(call.request.method)))) return undefined;
  if (repository === undefined) return serveRoot(storage, call);
  if (options.readOnly === true && !isRead(call.request.method))
    return reply(call, 405, { "Content-Type": "text/plain" }, "Method not allowed\n");
  if (kind === "tags") return serveTags(storage, call, repository);
  if (kind === "manifests") return serveManifest(storage, call, repository, last, options.deleteEnabled);
  if (kind === "blobs") return serveBlob(storage, call, repository, last, options.deleteEnabled);
  if (last !== "") return continueUpload(storage, call, repository, last);
  return call.request.method === "POST" ? startUpload(storage, call, repository) : replyError(call, "UNSUPPORTED");
}

function serveRoot(storage: Storage, call: Call): void {
  const body = call.url.pathname === "/v2/" ? {} : { repositories: storage.names() };
  return reply(call, 200, { "Content-Type": "application/json; charset=utf-8" }, JSON.stringify(body));
}

function actionsOf(method: string | undefined): readonly string[] {
  if (isRead(method)) return ["pull"];
  return method === "DELETE" ? ["delete"] : ["pull", "push"];
}

function isRead(method: string | undefined): boolean {
  return method === "GET" || method === "HEAD";
}
