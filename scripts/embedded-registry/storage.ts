import { createHash, randomUUID, type Hash } from "node:crypto";

/** A manifest, and the type it was pushed with. */
export interface StoredManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** An upload that has begun. */
export interface Upload {
  readonly repository: string;
  readonly chunks: Buffer[];
  readonly hash: Hash;
  size: number;
}

/** All a registry holds, in memory. Blobs are kept once and linked to the repositories that have them. */
export interface Storage {
  readonly blobs: Map<string, Buffer>;
  readonly uploads: Map<string, Upload>;
  repository(name: string): Repository;
  findRepository(name: string): Repository | undefined;
  names(): readonly string[];
  beginUpload(repository: string): string;
  readonly onChunk: (bytes: number) => void;
}

/** One repository: digests of its blobs, manifests by digest, digests by tag. */
export interface Repository {
  readonly blobs: Set<string>;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, string>;
}

/** An empty registry; `onChunk` is told of every piece of a blob that comes in. */
export function createStorage(onChunk: (bytes: number) => void = () => undefined): Storage {
  const repositories = new Map<string, Repository>();
  const uploads = new Map<string, Upload>();
  const make = (name: string): Repository => {
    const made: Repository = { blobs: new Set(), manifests: new Map(), tags: new Map() };
    repositories.set(name, made);
    return made;
  };
  return {
    blobs: new Map(),
    uploads,
    onChunk,
    repository: (name) => repositories.get(name) ?? make(name),
    findRepository: (name) => repositories.get(name),
    names: () => [...repositories.keys()].toSorted(),
    beginUpload: (repository) => {
      const id = randomUUID();
      uploads.set(id, { repository, chunks: [], hash: createHash("sha256"), size: 0 });
      return id;
    },
  };
}

/** `sha256:` and hex. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
