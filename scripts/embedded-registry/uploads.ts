import { reply, replyError, type Call } from "./reply.ts";
import type { Storage, Upload } from "./storage.ts";

/** Answers POST …/blobs/uploads/: begins an upload, takes a whole blob, or mounts one from another repository. */
export async function startUpload(storage: Storage, call: Call, repository: string): Promise<void> {
  const mount = call.url.searchParams.get("mount");
  const from = storage.findRepository(call.url.searchParams.get("from") ?? "");
  if (mount !== null && from?.blobs.has(mount) === true) {
    storage.repository(repository).blobs.add(mount);
    return replyCreated(call, repository, mount);
  }
  const id = storage.beginUpload(repository);
  if (call.url.searchParams.has("digest")) return finishUpload(storage, call, repository, id);
  return replyProgress(storage, call, repository, id, 202);
}

/** Answers GET, PATCH, PUT and DELETE of …/blobs/uploads/<id>. */
export async function continueUpload(storage: Storage, call: Call, repository: string, id: string): Promise<void> {
  const upload = storage.uploads.get(id);
  if (upload === undefined || upload.repository !== repository) return replyError(call, "BLOB_UPLOAD_UNKNOWN");
  switch (call.request.method) {
    case "GET":
      return replyProgress(storage, call, repository, id, 204);
    case "PATCH":
      return takeChunk(storage, call, repository, id, upload);
    case "PUT":
      return finishUpload(storage, call, repository, id);
    case "DELETE":
      storage.uploads.delete(id);
      return reply(call, 204);
    default:
      return replyError(call, "UNSUPPORTED");
  }
}

async function takeChunk(storage: Storage, call: Call, repository: string, id: string, upload: Upload): Promise<void> {
  const start = /^(?:bytes )?(\d+)-/.exec(call.request.headers["content-range"] ?? "")?.[1];
  if (start !== undefined && Number(start) !== upload.size) {
    const headers = { Location: locationOf(repository, id), Range: `0-${Math.max(upload.size - 1, 0)}` };
    return replyError(call, "RANGE_INVALID", null, headers);
  }
  await receive(storage, call, upload);
  return replyProgress(storage, call, repository, id, 202);
}

async function finishUpload(storage: Storage, call: Call, repository: string, id: string): Promise<void> {
  const upload = storage.uploads.get(id);
  const digest = call.url.searchParams.get("digest") ?? "";
  if (upload === undefined) return replyError(call, "BLOB_UPLOAD_UNKNOWN");
  await receive(storage, call, upload);
  storage.uploads.delete(id);
  const got = `sha256:${upload.hash.digest("hex")}`;
  if (got !== digest) return replyError(call, "DIGEST_INVALID", { Digest: digest, Reason: `content is ${got}` });
  storage.blobs.set(digest, Buffer.concat(upload.chunks));
  storage.repository(repository).blobs.add(digest);
  return replyCreated(call, repository, digest);
}

async function receive(storage: Storage, call: Call, upload: Upload): Promise<void> {
  for await (const chunk of call.request) {
    upload.chunks.push(chunk as Buffer);
    upload.hash.update(chunk as Buffer);
    upload.size += (chunk as Buffer).length;
    storage.onChunk((chunk as Buffer).length);
  }
}

function replyProgress(storage: Storage, call: Call, repository: string, id: string, status: number): void {
  const size = storage.uploads.get(id)?.size ?? 0;
  const headers = {
    Location: locationOf(repository, id),
    Range: `0-${Math.max(size - 1, 0)}`,
    "Docker-Upload-UUID": id,
  };
  return reply(call, status, headers);
}

function replyCreated(call: Call, repository: string, digest: string): void {
  return reply(call, 201, { Location: `/v2/${repository}/blobs/${digest}`, "Docker-Content-Digest": digest });
}

// with a query, as distribution's has: a client must add its digest with &
function locationOf(repository: string, id: string): string {
  return `/v2/${repository}/blobs/uploads/${id}?_state=${id.slice(0, 8)}`;
}
