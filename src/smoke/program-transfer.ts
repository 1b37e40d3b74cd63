import { createSweeper } from "../host/memory.ts";
import type { Scratch } from "../host/ports.ts";
import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { makeContent, SMALL_SIZE } from "./artifact.ts";
import { deletePushedByOther } from "./clean-up.ts";
import type { Verification } from "./direct.ts";
import { makeImageArchive } from "./image-archive.ts";
import type { Calls } from "./program-call.ts";
import { stopped } from "./refusal.ts";
import type { ImageAtHand, ProgramSteps, ProgramWay } from "./program-way.ts";
import { measureTransfer, type Finding, type PlannedCheck } from "./report.ts";
import { showBytes } from "./size.ts";

/** What a transfer through a program takes. */
export interface Transfer {
  readonly verification: Verification;
  readonly way: ProgramWay;
  readonly calls: Calls;
  readonly image: ImageAtHand;
  readonly scratch: Scratch;
}

/** One verification through a program, as far as it has come: cleaning up goes by it. */
interface Proof extends Transfer {
  archived: string;
  loaded: boolean;
  sent: boolean;
  digest: string;
}

/** Pushes an image, pulls it again by its digest, and takes it out of program and registry, whatever happened before. */
export function planProgramTransfer(transfer: Transfer): readonly PlannedCheck[] {
  const proof: Proof = { ...transfer, archived: "", loaded: false, sent: false, digest: "" };
  return [
    { name: "image", run: () => makeImage(proof) },
    { name: "push", run: () => pushImage(proof) },
    { name: "pull", run: () => pullImage(proof) },
    { name: "clean up", run: () => cleanUp(proof), always: true },
  ];
}

/** By itself, so that its time is not taken for the network's. */
async function makeImage(proof: Proof): Promise<Result<string>> {
  const { verification, calls } = proof;
  const { size = SMALL_SIZE } = verification;
  const written = await writeArchive(proof, size);
  if (!written.ok) return written;
  proof.archived = written.value;
  proof.loaded = true;
  const loaded = await calls.runAll(stepsOf(proof).load, "take in");
  return loaded.ok ? success(`${showBytes(size)} that nothing else has`) : loaded;
}

/** Gives the digest of the archive's manifest. */
async function writeArchive({ verification, image, scratch }: Proof, size: number): Promise<Result<string>> {
  const { host, route } = verification;
  const created = new Date(host.clock.now()).toISOString();
  const sweep = size > SMALL_SIZE ? createSweeper() : () => undefined;
  const content = makeContent(size, (bytes) => {
    host.signal.throwIfAborted();
    sweep(bytes);
  });
  try {
    const archive = await makeImageArchive(content, `${image.repository}:${image.tag}`, created);
    await scratch.write("image.tar", archive.body());
    return success(archive.digest);
  } catch (error) {
    if (host.signal.aborted) return failure(stopped(route, "an image was made"));
    const reason = (error as Error).message;
    return failure(problem("RC-ENG-051", { folder: scratch.path, reason, size: showBytes(size) }, [reason]));
  }
}

async function pushImage(proof: Proof): Promise<Result<Finding>> {
  const { verification, way, image, calls } = proof;
  const { clock, files } = verification.host;
  proof.sent = true;
  const started = clock.elapsed();
  const pushed = await calls.runAll(stepsOf(proof).push, "push");
  const transfer = measureSince(verification, started);
  if (!pushed.ok) return pushed;
  const entry = await files.readEntry(image.digestFile);
  const told = entry.kind === "file" ? Buffer.from(entry.bytes).toString("utf8").trim() : "";
  proof.digest = way.keepsDigest === true ? proof.archived : told;
  if (!/^sha256:[0-9a-f]{64}$/.test(proof.digest)) throw new Error(`${way.program} told no digest of what it pushed`);
  return success({ detail: `${image.repository}:${image.tag}`, transfer });
}

async function pullImage(proof: Proof): Promise<Result<Finding>> {
  const { verification, calls, digest } = proof;
  const { forget, pull } = stepsOf(proof);
  const forgotten = await calls.runAll(forget, "remove");
  if (!forgotten.ok) return forgotten;
  const started = verification.host.clock.elapsed();
  // by digest: the program itself refuses bytes that do not match
  const pulled = await calls.runAll(pull, "pull");
  const transfer = measureSince(verification, started);
  return pulled.ok ? success({ detail: `by digest, and equal: ${digest.slice(0, 19)}…`, transfer }) : pulled;
}

function measureSince({ size, host }: Verification, started: number): Finding["transfer"] {
  return size === undefined ? undefined : measureTransfer(size, host.clock.elapsed() - started);
}

async function cleanUp(proof: Proof): Promise<Result<string>> {
  const { verification, image, way, calls, loaded, sent, digest } = proof;
  const { cleaner, repository, note, size = SMALL_SIZE } = verification;
  const cleaning = { client: cleaner, repository, note, size };
  const [stays, deleted] = await Promise.all([
    loaded ? calls.cleanUp(stepsOf(proof).clean) : [],
    sent ? deletePushedByOther(cleaning, image.tag, digest) : success("nothing was pushed"),
  ]);
  for (const reason of stays) note(`${image.repository}:${image.tag} stays in ${way.title}: ${reason}`);
  return deleted;
}

function stepsOf({ way, image, digest }: Proof): ProgramSteps {
  return way.steps({ ...image, digest });
}
