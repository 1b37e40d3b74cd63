import { readRequest, reply, replyError, type Call } from "./reply.ts";
import { digestOf, type Repository, type Storage } from "./storage.ts";

const LARGEST_MANIFEST = 4 * 1024 * 1024;

/** Answers GET, HEAD and DELETE of a blob, with single ranges. */
export function serveBlob(storage: Storage, call: Call, repository: string, digest: string, deletes: boolean): void {
  const known = storage.findRepository(repository);
  const bytes = known?.blobs.has(digest) === true ? storage.blobs.get(digest) : undefined;
  if (call.request.method === "DELETE" && !deletes) return replyError(call, "UNSUPPORTED");
  if (known === undefined || bytes === undefined) return replyError(call, "BLOB_UNKNOWN", { digest });
  if (call.request.method === "DELETE") {
    known.blobs.delete(digest);
    return reply(call, 202);
  }
  const headers = {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": digest,
    "Accept-Ranges": "bytes",
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(call.request.headers.range ?? "");
  if (range === null) return reply(call, 200, headers, bytes);
  const [from, to] = [Number(range[1]), range[2] ? Number(range[2]) : bytes.length - 1];
  const content = { ...headers, "Content-Range": `bytes ${from}-${to}/${bytes.length}` };
  return reply(call, 206, content, bytes.subarray(from, to + 1));
}

/** Answers GET, HEAD, PUT and DELETE of a manifest, by tag or digest. */
export async function serveManifest(
  storage: Storage,
  call: Call,
  repository: string,
  reference: string,
  deletes: boolean,
): Promise<void> {
  if (call.request.method === "PUT") return takeManifest(storage, call, repository, reference);
  if (call.request.method === "DELETE" && !deletes) return replyError(call, "UNSUPPORTED");
  const known = storage.findRepository(repository);
  if (known === undefined) return replyError(call, "NAME_UNKNOWN", { name: repository });
  const digest = reference.includes(":") ? reference : (known.tags.get(reference) ?? "");
  const manifest = known.manifests.get(digest);
  if (manifest === undefined) return replyError(call, "MANIFEST_UNKNOWN", { reference });
  if (call.request.method === "DELETE") return removeManifest(known, call, reference);
  const headers = { "Content-Type": manifest.mediaType, "Docker-Content-Digest": digest, ETag: `"${digest}"` };
  return reply(call, 200, headers, manifest.bytes);
}

/** Answers …/tags/list. */
export function serveTags(storage: Storage, call: Call, repository: string): void {
  const known = storage.findRepository(repository);
  if (known === undefined) return replyError(call, "NAME_UNKNOWN", { name: repository });
  const body = JSON.stringify({ name: repository, tags: [...known.tags.keys()].toSorted() });
  return reply(call, 200, { "Content-Type": "application/json" }, body);
}

async function takeManifest(storage: Storage, call: Call, repository: string, reference: string): Promise<void> {
  const bytes = await readRequest(call.request, LARGEST_MANIFEST);
  const parsed = bytes === undefined ? undefined : parse(bytes);
  if (bytes === undefined || parsed === undefined) return replyError(call, "MANIFEST_INVALID");
  const digest = digestOf(bytes);
  if (reference.includes(":") && reference !== digest) return replyError(call, "DIGEST_INVALID", { digest });
  const known = storage.repository(repository);
  const missing = referencesIn(parsed).find((one) => !known.blobs.has(one) && !known.manifests.has(one));
  if (missing !== undefined) return replyError(call, "MANIFEST_BLOB_UNKNOWN", { digest: missing });
  known.manifests.set(digest, { bytes, mediaType: call.request.headers["content-type"] ?? "" });
  if (!reference.includes(":")) known.tags.set(reference, digest);
  const headers = { Location: `/v2/${repository}/manifests/${digest}`, "Docker-Content-Digest": digest };
  return reply(call, 201, headers);
}

function removeManifest(known: Repository, call: Call, reference: string): void {
  // distribution 2.8 deletes by digest only
  if (!reference.includes(":")) return replyError(call, "UNSUPPORTED");
  known.manifests.delete(reference);
  for (const [tag, digest] of known.tags) if (digest === reference) known.tags.delete(tag);
  return reply(call, 202);
}

interface Descriptor {
  readonly digest?: unknown;
}

interface ManifestShape {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

function parse(bytes: Buffer): ManifestShape | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function referencesIn({ config, layers = [], manifests = [] }: ManifestShape): readonly string[] {
  const all = [...(config === undefined ? [] : [config]), ...layers, ...manifests];
  return all.flatMap(({ digest }) => (typeof digest === "string" ? [digest] : []));
}
