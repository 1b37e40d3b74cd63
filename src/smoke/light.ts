import type { RegistryClient } from "../registry/client.ts";
import { success, type Result } from "../result.ts";
import type { Verification } from "./direct.ts";
import type { PlannedCheck } from "./report.ts";

/** What proving the right to write needs of a verification. */
export interface LightVerification extends Pick<Verification, "repository"> {
  readonly client: Pick<RegistryClient, "uploadBlob">;
}

// OCI's empty blob (image-spec, "Guidance for an Empty Descriptor")
const EMPTY = Buffer.from("{}");
const EMPTY_DIGEST = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/**
 * The right to write, proved by an upload session that is opened and ended with two bytes, which are the same for every
 * host and every time: nothing piles up. Cancelling it would, in the registry of Docker: docs/decisions/0016-light-verification.md.
 */
export function writeAccessCheck(verification: LightVerification): PlannedCheck {
  return { name: "write access", run: () => uploadEmpty(verification) };
}

async function uploadEmpty({ client, repository }: LightVerification): Promise<Result<string>> {
  const size = EMPTY.length;
  const sent = await client.uploadBlob({ repository, digest: EMPTY_DIGEST, size, body: () => bodyOf(EMPTY) });
  return sent.ok ? success(`upload session of ${repository} opened and ended, with OCI's empty blob`) : sent;
}

async function* bodyOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
