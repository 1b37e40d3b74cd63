import { createHash } from "node:crypto";
import { digestOf } from "../registry/digest.ts";
import type { Content } from "./artifact.ts";
import { packFiles } from "./tar.ts";

/** A whole image in one file, for programs that read an OCI image layout in a tar. */
export interface ImageArchive {
  /** Of the manifest, as it stands in the archive; who compresses the layer makes another. */
  readonly digest: string;
  readonly body: () => AsyncIterable<Uint8Array>;
}

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar";
// Go's names where Node has others
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };
// of this host: containerd takes in nothing that is for another
const PLATFORM = { architecture: ARCHITECTURES[process.arch] ?? process.arch, os: "linux" } as const;

/**
 * An image of one file that nothing else has (OCI image-spec 1.1: image-layout.md, manifest.md, config.md). `reference` is
 * the name that podman, buildah and containerd give to it when they take it in. The layer's bytes are made twice: its
 * digest must be known before them.
 */
export async function makeImageArchive(content: Content, reference: string, createdIso: string): Promise<ImageArchive> {
  const layer = await describeLayer(content);
  const config = blobOf({
    created: createdIso,
    ...PLATFORM,
    config: {},
    rootfs: { type: "layers", diff_ids: [layer.digest] },
    history: [{ created: createdIso, created_by: "regclient verify" }],
  });
  const manifest = blobOf({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, digest: config.digest, size: config.size },
    layers: [{ mediaType: LAYER, digest: layer.digest, size: layer.size }],
  });
  const index = indexOf(manifest, reference);
  const files = [
    fileOf("oci-layout", blobOf({ imageLayoutVersion: "1.0.0" })),
    fileOf("index.json", index),
    ...[manifest, config, layer].map((blob) => fileOf(`blobs/${blob.digest.replace(":", "/")}`, blob)),
  ];
  return { digest: manifest.digest, body: () => packFiles(files) };
}

interface Blob extends Content {
  readonly digest: string;
}

async function describeLayer(content: Content): Promise<Blob> {
  const body = (): AsyncIterable<Uint8Array> => packFiles([{ name: "regclient-verification", ...content }]);
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of body()) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  return { digest: `sha256:${hash.digest("hex")}`, size, body };
}

function blobOf(value: object): Blob {
  const bytes = Buffer.from(JSON.stringify(value));
  return { digest: digestOf(bytes), size: bytes.length, body: () => once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** containers/image reads the first annotation, containerd the second. */
function indexOf({ digest, size }: Blob, reference: string): Blob {
  const annotations = { "org.opencontainers.image.ref.name": reference, "io.containerd.image.name": reference };
  const manifests = [{ mediaType: MANIFEST, digest, size, annotations, platform: PLATFORM }];
  return blobOf({ schemaVersion: 2, mediaType: INDEX, manifests });
}

function fileOf(name: string, { size, body }: Blob): { readonly name: string } & Content {
  return { name, size, body };
}
