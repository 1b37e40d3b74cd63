import { createHash, type Hash } from "node:crypto";
import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { discardBody } from "./body.ts";
import { limitsFor } from "./limits.ts";
import { perform, type Session, type Task } from "./perform.ts";
import { exactly, openUpload, readLocation, withDigest } from "./upload.ts";

/** A blob to push whose digest is known only once its last byte has gone. */
export interface StreamUpload {
  readonly repository: string;
  /** Bytes; `body` must give exactly that many. */
  readonly size: number;
  /** Begins anew each time that it is called, with the same bytes. */
  readonly body: () => AsyncIterable<Uint8Array>;
  /** Told where the upload goes on, so that it can be given up. */
  readonly opened?: (upload: URL) => void;
}

/**
 * Pushes a blob as the Docker Engine does (distribution-spec, "Pushing blobs": POST, one PATCH without a length, PUT), so
 * that it meets what an engine's push would meet on the way. Gives the digest. Nothing is kept in memory.
 */
export async function uploadStream(session: Session, upload: StreamUpload): Promise<Result<string>> {
  const { repository, size } = upload;
  const opened = await openUpload(session, repository);
  if (!opened.ok) return opened;
  upload.opened?.(opened.value);
  const patched = await sendBody(session, upload, opened.value);
  if (!patched.ok) return patched;
  const { next, digest } = patched.value;
  const task: Task = { action: "push", repository, what: `the blob ${digest}`, size, expected: [201] };
  const response = await perform(session, task, {
    method: "PUT",
    url: withDigest(next, digest),
    body: new Uint8Array(),
    ...limitsFor(size),
  });
  if (!response.ok) return response;
  const got = response.value.header("docker-content-digest") ?? digest;
  await discardBody(response.value);
  if (got === digest) return success(digest);
  return failure(problem("RC-PSH-014", { authority: session.options.name.authority, got, wanted: digest }));
}

async function sendBody(
  session: Session,
  { repository, size, body }: StreamUpload,
  url: URL,
): Promise<Result<{ readonly next: URL; readonly digest: string }>> {
  let hash: Hash = createHash("sha256");
  let sent = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    hash = createHash("sha256");
    sent = 0;
    for await (const chunk of exactly(size, body())) {
      hash.update(chunk);
      yield chunk;
      sent += chunk.byteLength;
    }
  };
  const what = `a blob of ${size} bytes`;
  const task: Task = { action: "push", repository, what, size, sent: () => sent, expected: [202] };
  const headers = { "Content-Type": "application/octet-stream" };
  const response = await perform(session, task, { method: "PATCH", url, headers, body: counted, ...limitsFor(size) });
  if (!response.ok) return response;
  await discardBody(response.value);
  const next = readLocation(session, response.value.header("location"), url);
  return next.ok ? success({ next: next.value, digest: `sha256:${hash.digest("hex")}` }) : next;
}
