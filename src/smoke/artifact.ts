import { randomBytes } from "node:crypto";
import { digestOf } from "../registry/digest.ts";

/** A small OCI artifact that nothing else has: what is pulled can only be what was pushed. */
export interface SmokeArtifact {
  readonly tag: string;
  readonly content: Blob;
  readonly manifest: { readonly bytes: Uint8Array; readonly mediaType: string; readonly digest: string };
}

/** Bytes with their digest and media type. */
export interface Blob {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly mediaType: string;
}

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONTENT_TYPE = "application/vnd.regclient.verification.v1";
const SIZE = 1024;

/** Makes the artifact (OCI image-spec 1.1, manifest.md). The tag is the host's own, so that tags do not pile up. */
export function makeSmokeArtifact(hostname: string, createdIso: string): SmokeArtifact {
  const content = blob(randomBytes(SIZE), CONTENT_TYPE);
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: CONTENT_TYPE,
    // one blob in both places: half the uploads, and each of them may cost the registry a bcrypt
    config: describe(content),
    layers: [describe(content)],
    annotations: {
      "org.opencontainers.image.title": "regclient verification",
      "org.opencontainers.image.created": createdIso,
    },
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return {
    tag: smokeTag(hostname),
    content,
    manifest: { bytes, mediaType: MANIFEST_TYPE, digest: digestOf(bytes) },
  };
}

/** `verify-` and the host's name, as far as a tag may hold it (distribution-spec: 128 characters of [a-zA-Z0-9._-]). */
export function smokeTag(hostname: string): string {
  return `verify-${hostname.replaceAll(/[^a-zA-Z0-9._-]/g, "-")}`.slice(0, 128);
}

function blob(bytes: Uint8Array, mediaType: string): Blob {
  return { bytes, digest: digestOf(bytes), mediaType };
}

function describe({ mediaType, digest, bytes }: Blob): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest, size: bytes.length };
}
