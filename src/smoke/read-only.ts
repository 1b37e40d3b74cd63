import { parseJson } from "../registry/body.ts";
import { success, type Result } from "../result.ts";
import type { Verification } from "./direct.ts";
import { showBytes } from "./size.ts";

interface Part {
  readonly digest: string;
  readonly size: number;
}

/** More is not pulled to prove that pulling works. */
const ENOUGH = 16 * 1024 * 1024;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * What an account that may only read can prove: it pulls a manifest that is there and the smallest blob it names, and
 * checks their digests. Where there is nothing to pull, that the repository may be read.
 */
export async function proveReading(verification: Verification): Promise<Result<string>> {
  const { client, repository, note } = verification;
  const tags = await client.listTags(repository);
  const tag = tags.ok ? chooseTag(tags.value ?? []) : undefined;
  if (tag !== undefined) return pullTag(verification, tag);
  const read = await askForNothing(verification);
  if (!read.ok) return read;
  const why = tags.ok ? "it has no tags" : `its tags may not be listed (${tags.problem.summary})`;
  note(`nothing was pulled from ${repository}, as ${why}; name a repository that has some with --repository`);
  return success(`${repository} may be read; there was nothing to pull`);
}

/** Registries list tags by name: the last is the newest where names count up, and `latest` is where there is one. */
function chooseTag(tags: readonly string[]): string | undefined {
  return tags.includes("latest") ? "latest" : tags.at(-1);
}

async function pullTag({ client, repository }: Verification, tag: string): Promise<Result<string>> {
  const top = await client.getManifest(repository, tag);
  if (!top.ok) return top;
  const child = partsIn(top.value.bytes, "manifests")[0];
  const manifest = child === undefined ? top : await client.getManifest(repository, child.digest);
  if (!manifest.ok) return manifest;
  const { bytes } = manifest.value;
  const parts = [...partsIn(bytes, "config"), ...partsIn(bytes, "layers")];
  const smallest = parts.toSorted((a, b) => a.size - b.size)[0];
  const pulled = `${repository}:${tag}, ${top.value.digest.slice(0, 19)}…`;
  if (smallest === undefined) return success(pulled);
  const { digest, size } = smallest;
  if (size > ENOUGH) {
    const found = await client.headBlob(repository, digest);
    return found.ok ? success(`${pulled}; its blobs are too large to be pulled for this`) : found;
  }
  const blob = await client.getBlob({ repository, digest, maxBytes: size, onChunk: () => undefined });
  return blob.ok ? success(`${pulled} and a blob of ${showBytes(size)}, by digest`) : blob;
}

/** A registry that lets us read says 404 to what is not there, and one that does not says 401 or 403. */
async function askForNothing({ client, repository }: Verification): Promise<Result<unknown>> {
  return client.headBlob(repository, `sha256:${"0".repeat(64)}`);
}

function partsIn(manifest: Uint8Array, key: "manifests" | "config" | "layers"): readonly Part[] {
  const parsed = parseJson(manifest);
  const value: unknown =
    typeof parsed === "object" && parsed !== null ? Object.entries(parsed).find(([k]) => k === key)?.[1] : [];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter(isPart);
}

function isPart(value: unknown): value is Part {
  if (typeof value !== "object" || value === null || !("digest" in value) || !("size" in value)) return false;
  const { digest, size } = value;
  return typeof digest === "string" && DIGEST.test(digest) && Number.isSafeInteger(size) && Number(size) >= 0;
}
