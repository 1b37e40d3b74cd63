import { createHash } from "node:crypto";
import { problem, type Problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { isOwn } from "./authorize.ts";
import { discardBody } from "./body.ts";
import { explainRefusal } from "./errors.ts";
import type { HttpResponse } from "./http.ts";
import { limitsFor } from "./limits.ts";
import { meansOutOfReach } from "./network-errors.ts";
import { perform, type Session, type Task } from "./perform.ts";

/** A blob that the registry has. `size` in bytes; undefined when it does not say. */
export interface BlobInfo {
  readonly size: number | undefined;
}

/** What a deletion came to: a registry may have deletion switched off. */
export type Deletion = "deleted" | "unsupported" | "absent";

/** A blob to pull, at most `maxBytes` of it; its bytes are handed on before the digest is known to be right. */
export interface BlobDownload {
  readonly repository: string;
  readonly digest: string;
  readonly maxBytes: number;
  readonly onChunk: (chunk: Uint8Array) => void | Promise<void>;
}

const MOST_REDIRECTS = 3;
const REDIRECTS = [301, 302, 303, 307, 308];

/** Asks for a blob without its bytes; undefined: the registry does not have it. */
export async function headBlob(
  session: Session,
  repository: string,
  digest: string,
): Promise<Result<BlobInfo | undefined>> {
  const task: Task = { action: "pull", repository, what: `the blob ${digest}`, expected: [200, 404, ...REDIRECTS] };
  const response = await perform(session, task, { method: "HEAD", url: blobUrl(session, repository, digest) });
  if (!response.ok) return response;
  await discardBody(response.value);
  if (response.value.status === 404) return success(undefined);
  const length = response.value.header("content-length");
  return success({ size: response.value.status === 200 && length !== undefined ? Number(length) : undefined });
}

/**
 * Pulls a blob, streamed, and checks its digest; gives back its size in bytes. Redirects to object storage are followed,
 * three at most, over https only and without Authorization.
 */
export async function getBlob(session: Session, download: BlobDownload): Promise<Result<number>> {
  const { repository, digest, maxBytes, onChunk } = download;
  const task: Task = { action: "pull", repository, what: `the blob ${digest}`, expected: [200, ...REDIRECTS] };
  const limits = limitsFor(maxBytes);
  const url = blobUrl(session, repository, digest);
  const response = await perform(session, task, { method: "GET", url, ...limits });
  const arrived = response.ok ? await followRedirects(session, task, response.value, limits) : response;
  if (!arrived.ok) return arrived;
  const hash = createHash("sha256");
  const read = await arrived.value.read(maxBytes, (chunk) => {
    hash.update(chunk);
    return onChunk(chunk);
  });
  if (!read.ok) return read;
  const got = `sha256:${hash.digest("hex")}`;
  const authority = session.options.name.authority;
  return got === digest ? read : failure(problem("RC-PSH-014", { authority, got, wanted: digest }));
}

/** Sends a DELETE and reads what came of it. */
export async function remove(session: Session, repository: string, what: string, url: URL): Promise<Result<Deletion>> {
  const task: Task = { action: "delete", repository, what, expected: [200, 202, 204, 404, 405] };
  const response = await perform(session, task, { method: "DELETE", url });
  if (!response.ok) return response;
  await discardBody(response.value);
  if (response.value.status === 405) return success("unsupported");
  return success(response.value.status === 404 ? "absent" : "deleted");
}

async function followRedirects(
  session: Session,
  task: Task,
  first: HttpResponse,
  limits: ReturnType<typeof limitsFor>,
): Promise<Result<HttpResponse>> {
  let response = first;
  for (let hops = 0; REDIRECTS.includes(response.status); hops += 1) {
    const target = readTarget(session, response, hops);
    await discardBody(response);
    if (!target.ok) return target;
    // object storage is told nothing but the URL, which carries its own signature
    const next = await session.options.http.request({ method: "GET", url: target.value, ...limits });
    if (!next.ok) return failure(explainUnreached(session, target.value, next.problem));
    response = next.value;
  }
  if (response.status === 200) return success(response);
  return failure(await explainRefusal({ ...task, name: session.options.name, hasCredentials: true }, response));
}

function readTarget(session: Session, response: HttpResponse, hops: number): Result<URL> {
  const { name } = session.options;
  const target = URL.parse(response.header("location") ?? "", response.url);
  const unsafe = (reason: string): Result<URL> =>
    failure(problem("RC-PSH-018", { authority: name.authority, target: target?.origin ?? "nowhere", reason }));
  if (target === null || !response.header("location")) return unsafe("the redirect says not where to");
  if (target.protocol !== "https:") return unsafe("the redirect is not to https, so it was not followed");
  if (target.username !== "" || target.password !== "")
    return unsafe("the redirect carries a login, so it was not followed");
  if (hops >= MOST_REDIRECTS) return unsafe(`more than ${MOST_REDIRECTS} redirects, one after another`);
  if (hops > 0 && isOwn(name, target)) return unsafe("the redirects go round in a circle");
  return success(target);
}

function explainUnreached({ options }: Session, target: URL, told: Problem): Problem {
  if (!meansOutOfReach(told)) return told;
  const facts = { authority: options.name.authority, target: target.origin, reason: told.summary };
  return problem("RC-PSH-019", facts, told.evidence);
}

function blobUrl(session: Session, repository: string, digest: string): URL {
  return new URL(`https://${session.options.name.authority}/v2/${repository}/blobs/${digest}`);
}
