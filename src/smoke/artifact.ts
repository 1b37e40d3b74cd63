import { createCipheriv, randomBytes } from "node:crypto";
import { digestOf } from "../registry/digest.ts";

/** What an artifact holds: bytes that nothing else has, so that what is pulled can only be what was pushed. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  /** The same bytes each time, made as they are read; no proxy or registry can make them smaller. */
  readonly body: () => AsyncIterable<Uint8Array>;
}

/** A blob as a manifest names it (image-spec 1.1, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** A manifest ready to be pushed. */
export interface SmokeManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
}

/** Bytes of an artifact when nobody says how many. */
export const SMALL_SIZE = 1024;

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONTENT_TYPE = "application/vnd.regclient.verification.v1";
const CHUNK = 64 * 1024;

/** The config of an artifact that has none (image-spec 1.1, manifest.md, "Guidance for an Empty Descriptor"). */
export const EMPTY_CONFIG = {
  bytes: Buffer.from("{}"),
  mediaType: "application/vnd.oci.empty.v1+json",
  digest: digestOf(Buffer.from("{}")),
  size: 2,
} as const;

/** Content of `size` bytes: the key stream of a cipher, whose key nobody keeps. `passed` is told of each piece. */
export function makeContent(size: number, passed: (bytes: number) => void = () => undefined): Content {
  const key = randomBytes(16);
  return { size, body: () => streamKey(key, size, passed) };
}

async function* streamKey(key: Uint8Array, size: number, passed: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const cipher = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
  const zeros = Buffer.alloc(Math.min(CHUNK, size));
  for (let left = size; left > 0; left -= CHUNK) {
    yield cipher.update(left < CHUNK ? zeros.subarray(0, left) : zeros);
    passed(CHUNK);
  }
}

/** The manifest of an artifact (OCI image-spec 1.1, manifest.md). */
export function makeManifest(content: Descriptor, config: Descriptor, createdIso: string): SmokeManifest {
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: CONTENT_TYPE,
    config: describe(config),
    layers: [describe(content)],
    annotations: {
      "org.opencontainers.image.title": "regclient verification",
      "org.opencontainers.image.created": createdIso,
    },
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { bytes, mediaType: MANIFEST_TYPE, digest: digestOf(bytes) };
}

/** The descriptor of an artifact's content. */
export function describeContent(digest: string, size: number): Descriptor {
  return { mediaType: CONTENT_TYPE, digest, size };
}

/** `verify-` and the host's name, as far as a tag may hold it (distribution-spec: 128 characters of [a-zA-Z0-9._-]). */
export function smokeTag(hostname: string): string {
  return `verify-${hostname.replaceAll(/[^a-zA-Z0-9._-]/g, "-")}`.slice(0, 128);
}

function describe({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
