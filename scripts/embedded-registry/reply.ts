import type { IncomingMessage, ServerResponse } from "node:http";

/** One request on its way through the registry. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

/** Error codes of the distribution-spec, with distribution's messages. */
const messages = {
  BLOB_UNKNOWN: [404, "blob unknown to registry"],
  BLOB_UPLOAD_INVALID: [404, "blob upload invalid"],
  BLOB_UPLOAD_UNKNOWN: [404, "blob upload unknown to registry"],
  DENIED: [403, "requested access to the resource is denied"],
  DIGEST_INVALID: [400, "provided digest did not match uploaded content"],
  MANIFEST_BLOB_UNKNOWN: [400, "blob unknown to registry"],
  MANIFEST_INVALID: [400, "manifest invalid"],
  MANIFEST_UNKNOWN: [404, "manifest unknown"],
  NAME_UNKNOWN: [404, "repository name not known to registry"],
  RANGE_INVALID: [416, "invalid content range"],
  SIZE_INVALID: [413, "provided length did not match content length"],
  UNAUTHORIZED: [401, "authentication required"],
  UNSUPPORTED: [405, "The operation is unsupported."],
} as const satisfies Record<string, readonly [number, string]>;

/** Sends an answer; `body` is sent as it is. */
export function reply(
  { request, response }: Call,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: Uint8Array | string = "",
): void {
  const length = headers["Content-Length"] ?? String(Buffer.byteLength(body));
  response.writeHead(status, {
    "Docker-Distribution-Api-Version": "registry/2.0",
    "X-Content-Type-Options": "nosniff",
    ...(status === 204 ? {} : { "Content-Length": length }),
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** Sends `{"errors":[…]}` as distribution does. */
export function replyError(
  call: Call,
  code: keyof typeof messages,
  detail: unknown = null,
  headers: Readonly<Record<string, string>> = {},
): void {
  const [status, message] = messages[code];
  const body = JSON.stringify({ errors: [{ code, message, detail }] });
  reply(call, status, { "Content-Type": "application/json", ...headers }, body);
}

/** Reads a request body of at most `limit` bytes; undefined: it is longer. */
export async function readRequest(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > limit) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
