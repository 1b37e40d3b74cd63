import { problem } from "../findings/problem.ts";
import { digestOf } from "./digest.ts";
import { failure, success, type Result } from "../result.ts";
import { remove, type Deletion } from "./blobs.ts";
import { discardBody, readBody } from "./body.ts";
import { perform, type Session, type Task } from "./perform.ts";

/** A manifest as it lies in the registry. */
export interface Manifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** `sha256:` and hex, computed here. */
  readonly digest: string;
}

/** A manifest to push, under a tag or its own digest. */
export interface ManifestUpload {
  readonly repository: string;
  readonly reference: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** distribution's own limit. */
const LARGEST_MANIFEST = 4 * 1024 * 1024;
const ACCEPTED = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");

/** Pushes a manifest (distribution-spec, "Pushing Manifests") and gives back its digest. */
export async function putManifest(session: Session, upload: ManifestUpload): Promise<Result<string>> {
  const { repository, reference, bytes, mediaType } = upload;
  const task: Task = {
    action: "push",
    repository,
    what: `the manifest ${reference}`,
    size: bytes.length,
    expected: [201],
  };
  const url = manifestUrl(session, repository, reference);
  const response = await perform(session, task, {
    method: "PUT",
    url,
    headers: { "Content-Type": mediaType },
    body: bytes,
  });
  if (!response.ok) return response;
  const wanted = digestOf(bytes);
  const got = response.value.header("docker-content-digest") ?? wanted;
  await discardBody(response.value);
  return got === wanted ? success(wanted) : mismatch(session, got, wanted);
}

/** Pulls a manifest, at most 4 MiB; one asked for by digest must have it. */
export async function getManifest(session: Session, repository: string, reference: string): Promise<Result<Manifest>> {
  const task: Task = { action: "pull", repository, what: `the manifest ${reference}`, expected: [200] };
  const url = manifestUrl(session, repository, reference);
  const response = await perform(session, task, { method: "GET", url, headers: { Accept: ACCEPTED } });
  if (!response.ok) return response;
  const body = await readBody(response.value, LARGEST_MANIFEST);
  if (!body.ok) return body;
  const digest = digestOf(body.value);
  const wanted = reference.includes(":") ? reference : (response.value.header("docker-content-digest") ?? digest);
  if (digest !== wanted) return mismatch(session, digest, wanted);
  return success({ bytes: body.value, mediaType: response.value.header("content-type") ?? "", digest });
}

/** Deletes a manifest by its digest; `unsupported` where deletion is off, which is the usual setting. */
export async function deleteManifest(session: Session, repository: string, digest: string): Promise<Result<Deletion>> {
  return remove(session, repository, `the manifest ${digest}`, manifestUrl(session, repository, digest));
}

function mismatch(session: Session, got: string, wanted: string): { readonly ok: false } & Result<never> {
  return failure(problem("RC-PSH-014", { authority: session.options.name.authority, got, wanted }));
}

function manifestUrl(session: Session, repository: string, reference: string): URL {
  return new URL(`https://${session.options.name.authority}/v2/${repository}/manifests/${reference}`);
}
