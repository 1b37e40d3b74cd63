import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { isOwn } from "./authorize.ts";
import type { Deletion } from "./blobs.ts";
import { discardBody, readEvidence } from "./body.ts";
import { parseRegistryErrors } from "./errors.ts";
import { perform, type Session } from "./perform.ts";

/** A blob to push. The body is a function so that it can be sent anew after a challenge. */
export interface BlobUpload {
  readonly repository: string;
  /** `sha256:` and 64 lowercase hex digits. */
  readonly digest: string;
  /** Bytes; `body` must give exactly that many. */
  readonly size: number;
  readonly body: () => AsyncIterable<Uint8Array>;
}

/** Begins an upload and gives back where it goes on (distribution-spec, "Pushing blobs", POST then PUT). */
export async function openUpload(session: Session, repository: string): Promise<Result<URL>> {
  const url = new URL(`https://${session.options.name.authority}/v2/${repository}/blobs/uploads/`);
  const operation = {
    action: "push",
    repository,
    what: `the repository ${repository} to push to`,
    expected: [202],
  } as const;
  const response = await perform(session, operation, { method: "POST", url });
  if (!response.ok) return response;
  await discardBody(response.value);
  return readLocation(session, response.value.header("location"), url);
}

/**
 * Gives an upload up. One that the registry has forgotten is fine. Distribution 2.x keeps one whose body was broken off, as
 * its address says how much had come by then (BLOB_UPLOAD_INVALID); it clears such up by itself, after a week.
 */
export async function cancelUpload(session: Session, repository: string, upload: URL): Promise<Result<Deletion>> {
  const operation = {
    action: "push",
    repository,
    what: "an upload to give up",
    expected: [204, 202, 200, 400, 404, 405, 416],
  } as const;
  const response = await perform(session, operation, { method: "DELETE", url: upload });
  if (!response.ok) return response;
  const { status } = response.value;
  const errors = parseRegistryErrors(await readEvidence(response.value));
  if (status < 300) return success("deleted");
  return success(
    status === 404 && !errors.some(({ code }) => code === "BLOB_UPLOAD_INVALID") ? "absent" : "unsupported",
  );
}

/** Pushes a blob in one piece, streamed: POST, then PUT with the digest. */
export async function uploadBlob(session: Session, upload: BlobUpload): Promise<Result<void>> {
  const { repository, digest, size, body } = upload;
  const opened = await openUpload(session, repository);
  if (!opened.ok) return opened;
  const operation = { action: "push", repository, what: `the blob ${digest}`, size, expected: [201] } as const;
  const headers = { "Content-Type": "application/octet-stream", "Content-Length": String(size) };
  const sent = size === 0 ? new Uint8Array() : (): AsyncIterable<Uint8Array> => exactly(size, body());
  const response = await perform(session, operation, {
    method: "PUT",
    url: withDigest(opened.value, digest),
    headers,
    body: sent,
  });
  if (!response.ok) return response;
  const got = response.value.header("docker-content-digest") ?? digest;
  await discardBody(response.value);
  if (got === digest) return success(undefined);
  return failure(problem("RC-PSH-014", { authority: session.options.name.authority, got, wanted: digest }));
}

/** Resolves an upload's Location, verbatim or relative; credentials must not follow it off the registry. */
export function readLocation(session: Session, location: string | undefined, base: URL): Result<URL> {
  const { name } = session.options;
  const authority = name.authority;
  if (location === undefined)
    return failure(
      problem("RC-PSH-011", { authority, reason: "its answer to the start of an upload has no Location" }),
    );
  const url = URL.parse(location, base);
  if (url === null)
    return failure(problem("RC-PSH-011", { authority, reason: "its Location is not a URL" }, [location]));
  // the query is the upload's state: no one's business
  const evidence = [`Location: ${url.origin}${url.pathname}`];
  if (url.username !== "" || url.password !== "")
    return failure(problem("RC-PSH-011", { authority, reason: "its Location has a user name in it" }, evidence));
  if (isOwn(name, url)) return success(url);
  if (url.protocol === "http:" && url.hostname === base.hostname)
    return failure(problem("RC-PSH-009", { authority }, evidence));
  return failure(problem("RC-PSH-010", { authority, target: url.host }, evidence));
}

/** Where an upload is finished: its address with the digest added. */
export function withDigest(upload: URL, digest: string): URL {
  const { href } = upload;
  return new URL(`${href}${upload.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`);
}

/** The same chunks; throws when they are more or fewer than `size` bytes, which is a bug. */
export async function* exactly(size: number, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of body) {
    sent += chunk.byteLength;
    if (sent > size) throw new Error("the blob is longer than its declared size");
    yield chunk;
  }
  if (sent < size) throw new Error("the blob is shorter than its declared size");
}
