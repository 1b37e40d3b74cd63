import { Readable } from "node:stream";
import { problem } from "../findings/problem.ts";
import { createSweeper } from "../host/memory.ts";
import { digestOf } from "../registry/digest.ts";
import { failure, success, type Result } from "../result.ts";
import {
  describeContent,
  EMPTY_CONFIG,
  makeContent,
  makeManifest,
  SMALL_SIZE,
  smokeTag,
  type Content,
  type Descriptor,
  type SmokeManifest,
} from "./artifact.ts";
import { deletePushed, giveUpUpload, UNTIL_COLLECTED } from "./clean-up.ts";
import type { Verification } from "./direct.ts";
import { measureTransfer, type Finding, type PlannedCheck, type Transfer } from "./report.ts";
import { showBytes } from "./size.ts";

/** What has been pushed so far: cleaning up goes by it, whenever the rest fails or is stopped. */
interface Pushing {
  readonly tag: string;
  readonly content: Content;
  /** Told of the bytes that have passed. */
  readonly sweep: (bytes: number) => void;
  upload?: URL;
  pushed?: Descriptor;
  /** Set before it is sent: a registry may have taken it though its answer never came. */
  manifest?: SmokeManifest;
}

/** Pushes an artifact, pulls it by digest and takes it out of the registry again. */
export function planTransfer(verification: Verification): readonly PlannedCheck[] {
  const tag = smokeTag(verification.host.caller.hostname);
  const { size = SMALL_SIZE } = verification;
  const sweep = size > SMALL_SIZE ? createSweeper() : () => undefined;
  const pushing: Pushing = { tag, content: makeContent(size, sweep), sweep };
  return [
    { name: "push", run: () => pushArtifact(verification, pushing) },
    { name: "pull", run: () => pullArtifact(verification, pushing) },
    { name: "clean up", run: () => cleanUp(verification, pushing), always: true },
  ];
}

async function pushArtifact(verification: Verification, pushing: Pushing): Promise<Result<Finding>> {
  const { client, repository, host, size } = verification;
  const pushed = await (size === undefined ? pushSmall(verification, pushing) : pushStream(verification, pushing));
  if (!pushed.ok) return pushed;
  const { content, config, transfer } = pushed.value;
  const manifest = makeManifest(content, config, new Date(host.clock.now()).toISOString());
  pushing.manifest = manifest;
  const { bytes, mediaType } = manifest;
  const sent = await client.putManifest({ repository, reference: pushing.tag, bytes, mediaType });
  return sent.ok ? success({ detail: `${repository}:${pushing.tag}`, transfer }) : sent;
}

interface PushedBlobs {
  readonly content: Descriptor;
  readonly config: Descriptor;
  readonly transfer?: Transfer;
}

/** One blob as layer and as config: half the uploads, and each of them may cost the registry a bcrypt. */
async function pushSmall({ client, repository }: Verification, pushing: Pushing): Promise<Result<PushedBlobs>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of pushing.content.body()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const content = describeContent(digestOf(bytes), bytes.length);
  const { digest, size } = content;
  const sent = await client.uploadBlob({ repository, digest, size, body: () => Readable.from([bytes]) });
  if (!sent.ok) return sent;
  pushing.pushed = content;
  return success({ content, config: content });
}

/** The large blob, and beside it the config, which mostly waits. */
async function pushStream(verification: Verification, pushing: Pushing): Promise<Result<PushedBlobs>> {
  const { client, repository } = verification;
  const { bytes, ...described } = EMPTY_CONFIG;
  const [large, config] = await Promise.all([
    pushLarge(verification, pushing),
    client.uploadBlob({ repository, ...described, body: () => Readable.from([bytes]) }),
  ]);
  if (!large.ok) return large;
  return config.ok ? success({ ...large.value, config: EMPTY_CONFIG }) : config;
}

async function pushLarge(
  { client, repository, host }: Verification,
  pushing: Pushing,
): Promise<Result<Omit<PushedBlobs, "config">>> {
  const { size, body } = pushing.content;
  const started = host.clock.elapsed();
  const opened = (upload: URL): void => {
    pushing.upload = upload;
  };
  const sent = await client.uploadStream({ repository, size, body, opened });
  if (!sent.ok) return sent;
  pushing.pushed = describeContent(sent.value, size);
  return success({ content: pushing.pushed, transfer: measureTransfer(size, host.clock.elapsed() - started) });
}

async function pullArtifact(verification: Verification, pushing: Pushing): Promise<Result<Finding>> {
  const { client, repository, host, size } = verification;
  const { manifest, pushed } = pushing;
  if (manifest === undefined || pushed === undefined) throw new Error("nothing was pushed to be pulled");
  const started = host.clock.elapsed();
  const onChunk = (chunk: Uint8Array): void => pushing.sweep(chunk.byteLength);
  // at once: by digest, neither needs the other's answer
  const [pulled, blob] = await Promise.all([
    client.getManifest(repository, manifest.digest),
    client.getBlob({ repository, digest: pushed.digest, maxBytes: pushed.size, onChunk }),
  ]);
  if (!pulled.ok) return pulled;
  if (pulled.value.digest !== manifest.digest)
    return failure(problem("RC-PSH-030", { repository, pushed: manifest.digest, pulled: pulled.value.digest }));
  if (!blob.ok) return blob;
  const transfer = size === undefined ? undefined : measureTransfer(size, host.clock.elapsed() - started);
  return success({ detail: `by digest, and equal: ${manifest.digest.slice(0, 19)}…`, transfer });
}

async function cleanUp(verification: Verification, pushing: Pushing): Promise<Result<string>> {
  const { repository, note } = verification;
  const { tag, manifest, upload, pushed, content } = pushing;
  const cleaning = { client: verification.cleaner, repository, note, size: content.size };
  if (manifest !== undefined) return deletePushed(cleaning, tag, manifest.digest);
  if (upload !== undefined && pushed === undefined) return giveUpUpload(cleaning, upload);
  if (pushed !== undefined)
    note(`a blob of ${showBytes(content.size)} that no manifest names stays in ${repository} ${UNTIL_COLLECTED}`);
  return success(pushed === undefined ? "nothing was pushed" : "no manifest was pushed");
}
