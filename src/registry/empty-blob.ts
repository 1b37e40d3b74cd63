import type { Result } from "../result.ts";
import type { RegistryClient } from "./client.ts";
import { digestOf } from "./digest.ts";

// OCI's empty blob (image-spec, "Guidance for an Empty Descriptor")
const EMPTY = Buffer.from("{}");

/**
 * Proves the right to push: an upload is opened, and ended with two bytes that are the same for every host and each time, so
 * that a registry has them once; no image, no tag. To cancel it would take the right to delete, and leaves more behind
 * (docs/decisions/0008-light-verification.md).
 */
export async function uploadEmptyBlob(
  client: Pick<RegistryClient, "uploadBlob">,
  repository: string,
): Promise<Result<void>> {
  return client.uploadBlob({ repository, digest: digestOf(EMPTY), size: EMPTY.length, body: () => bodyOf(EMPTY) });
}

async function* bodyOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
