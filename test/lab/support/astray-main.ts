import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import {
  createServer as createPlain,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createTls } from "node:https";
import { buffer } from "node:stream/consumers";

// Servers of somebody on the wire, and registries that lead there. All that comes in is written to a file.

/**
 * `imitate` answers as the registry would, announces its own certificate and gives tokens. The others have the registry's
 * own key and lead to `elsewhere`, each with another answer.
 */
export type AstrayRole = "imitate" | "source" | "ping" | "realm" | "uploads" | "blobs";

/** Where one listens. */
export interface AstrayServer {
  readonly role: AstrayRole;
  readonly port: number;
  /** PEM; undefined: http://. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The URL that it leads to. */
  readonly elsewhere: string;
}

/** All of one host. */
export interface AstrayServers {
  readonly record: string;
  readonly servers: readonly AstrayServer[];
}

type Reply = readonly [
  status: number,
  headers: Readonly<Record<string, string>>,
  body?: string | Uint8Array | undefined,
];

const { record, servers } = JSON.parse(process.argv[2] ?? "") as AstrayServers;
const stored = new Map<string, Uint8Array>();
for (const server of servers) listen(server);

function listen(server: AstrayServer): void {
  const note = (what: string): void => appendFileSync(record, `${server.port} ${what}\n`);
  const handle: RequestListener = (request, response) => void answer(server, note, request, response);
  const running = server.tls === undefined ? createPlain(handle) : createTls(server.tls, handle);
  running.on("connection", () => note("connection"));
  running.on("tlsClientError", (error: Error) => note(`handshake ended: ${error.message}`));
  running.listen(server.port, "0.0.0.0", () => process.stdout.write(`listening on ${server.port}.\n`));
}

async function answer(
  server: AstrayServer,
  note: (what: string) => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(request);
  const { method = "", url = "", headers } = request;
  note(`request ${method} ${url} ${request.rawHeaders.join("\t")} ${body.toString("latin1")}`);
  const reply = reach({ ...server, method, url, body, isLoggedIn: headers.authorization !== undefined });
  response.writeHead(reply[0], { "Docker-Distribution-Api-Version": "registry/2.0", ...reply[1] }).end(reply[2]);
}

interface Came extends AstrayServer {
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array;
  readonly isLoggedIn: boolean;
}

function reach(came: Came): Reply {
  const { role, method, url, tls, elsewhere } = came;
  if (url.startsWith("/.well-known/")) {
    if (role === "source") return [302, { Location: elsewhere }];
    return role === "imitate" ? [200, {}, tls?.cert] : [404, {}];
  }
  if (url.startsWith("/token")) return [200, {}, JSON.stringify({ token: "of-somebody-else" })];
  if (role === "ping") return [307, { Location: `${elsewhere}${url}` }];
  if (!came.isLoggedIn) {
    const basic = 'Basic realm="registry"';
    return [401, { "WWW-Authenticate": role === "realm" ? `Bearer realm="${elsewhere}",service="registry"` : basic }];
  }
  if (role === "uploads" && method === "POST") return [202, { Location: `${elsewhere}${url}1` }];
  if (role === "blobs" && method === "GET" && url.includes("/blobs/")) return [307, { Location: `${elsewhere}${url}` }];
  return store(came);
}

/** As much of a registry as a push and a pull need. */
function store({ method, url, body }: Came): Reply {
  const { pathname, searchParams } = new URL(url, "https://registry");
  const [, repository = ""] = /^\/v2\/(.+)\/(?:blobs|manifests)\//.exec(pathname) ?? [];
  const digest = searchParams.get("digest") ?? `sha256:${createHash("sha256").update(body).digest("hex")}`;
  if (method === "POST") return [202, { Location: `/v2/${repository}/blobs/uploads/1` }];
  if (method === "PUT") {
    const isBlob = pathname.includes("/blobs/");
    stored.set(isBlob ? `/v2/${repository}/blobs/${digest}` : `/v2/${repository}/manifests/${digest}`, body);
    if (!isBlob) stored.set(pathname, body);
    return [201, { "Docker-Content-Digest": digest, Location: pathname }];
  }
  if (method === "DELETE") return [202, {}];
  const found = stored.get(pathname);
  if (pathname === "/v2/") return [200, {}, "{}"];
  if (found === undefined) return [404, {}];
  const type = "application/vnd.oci.image.manifest.v1+json";
  return [200, { "Content-Type": type, "Content-Length": String(found.length) }, method === "HEAD" ? undefined : found];
}
