import type { Host, Scratch } from "../host/ports.ts";
import { imageReference } from "../registry/name.ts";
import { hostsDirectory } from "../runtimes/containerd.ts";
import { configPaths } from "../runtimes/containerd-config.ts";
import { findProgram } from "../runtimes/probe.ts";
import { lookAround } from "../runtimes/view.ts";
import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { makeContent, SMALL_SIZE, smokeTag } from "./artifact.ts";
import { deletePushedByOther } from "./clean-up.ts";
import type { Verification } from "./direct.ts";
import { makeImageArchive } from "./image-archive.ts";
import { prepareCalls, type Calls } from "./program-call.ts";
import type { Command, ImageAtHand, ProgramSteps, ProgramWay } from "./program-way.ts";
import { measureTransfer, runChecks, type Check, type Finding, type PlannedCheck } from "./report.ts";
import { showBytes } from "./size.ts";

/** One verification through a program, as far as it has come: cleaning up goes by it. */
interface Proof {
  readonly verification: Verification;
  readonly way: ProgramWay;
  readonly calls: Calls;
  readonly image: ImageAtHand;
  readonly scratch: Scratch;
  archived: string;
  loaded: boolean;
  sent: boolean;
  digest: string;
}

/** Where the program is, or why it is not there to be asked. */
export async function findWay(
  host: Pick<Host, "files">,
  { program }: ProgramWay,
): Promise<string | { readonly absent: string }> {
  if (host.files.root !== "/") return { absent: "--root names a tree of files, where no program is run" };
  return (await findProgram(host, [program])) ?? { absent: `there is no ${program} on this host` };
}

/**
 * Pushes an image through the program, pulls it again by its digest, and takes it out of program and registry, whatever
 * happened before. The program finds certificates, names and logins as it does for who calls it.
 */
export async function verifyThroughProgram(verification: Verification, way: ProgramWay): Promise<readonly Check[]> {
  const { host, mode, note, begin } = verification;
  const found = await findWay(host, way);
  const calls = typeof found === "string" ? await prepareCalls(verification, way, found) : found;
  const first = (run: PlannedCheck["run"]): PlannedCheck => ({ name: "program", run });
  if ("absent" in calls) {
    const missing = problem("RC-ENG-050", {
      program: way.title,
      reason: calls.absent,
      name: verification.route.name.key,
    });
    return runChecks(host.clock, [first(async () => failure(missing))], begin);
  }
  const version = first(() => calls.version());
  if (mode === "push-pull") return proveTransfer(verification, way, calls, version);
  const image = await imageFor(verification, way, "");
  const { login } = way.steps(image);
  if (mode === "pull")
    note(`nothing was pulled through ${way.title}: that takes an image, and --mode push-pull makes one`);
  else if (login === undefined)
    note(`nothing was asked through ${way.title}: it has no login, and proves one only by a transfer`);
  else if (verification.credential === undefined) note(`no login is kept, so none was tried through ${way.title}`);
  const asksLogin = mode !== "pull" && login !== undefined && verification.credential !== undefined;
  const proving: PlannedCheck = { name: "login", run: () => checkLogin(calls, login ?? []) };
  return runChecks(host.clock, [version, ...(asksLogin ? [proving] : [])], begin);
}

async function checkLogin(calls: Calls, login: readonly Command[]): Promise<Result<string>> {
  const done = await calls.runAll(login, "log in to");
  return done.ok ? success("with the login that it finds by itself") : done;
}

async function proveTransfer(
  verification: Verification,
  way: ProgramWay,
  calls: Calls,
  version: PlannedCheck,
): Promise<readonly Check[]> {
  const { host, begin } = verification;
  const scratch = await host.makeScratch();
  try {
    const image = await imageFor(verification, way, scratch.path);
    const proof: Proof = {
      verification,
      way,
      calls,
      image,
      scratch,
      archived: "",
      loaded: false,
      sent: false,
      digest: "",
    };
    return await runChecks(host.clock, [version, ...transferChecks(proof)], begin);
  } finally {
    await scratch.remove();
  }
}

function transferChecks(proof: Proof): readonly PlannedCheck[] {
  return [
    { name: "image", run: () => makeImage(proof) },
    { name: "push", run: () => pushImage(proof) },
    { name: "pull", run: () => pullImage(proof) },
    { name: "clean up", run: () => cleanUp(proof), always: true },
  ];
}

async function imageFor(
  { host, route, repository, credential }: Verification,
  { via, asksForLogin }: ProgramWay,
  folder: string,
): Promise<ImageAtHand> {
  const view = await lookAround(host.files, via, configPaths);
  return {
    registry: route.name.referencePrefix,
    repository: imageReference(route.name, repository),
    tag: `${smokeTag(host.caller.hostname).slice(0, 117)}-${via}`,
    digest: "",
    archive: `${folder}/image.tar`,
    digestFile: `${folder}/digest`,
    pulled: `${folder}/pulled`,
    hostsDirectory: hostsDirectory(view),
    username: asksForLogin === true ? credential?.username : undefined,
  };
}

/** By itself, so that its time is not taken for the network's. */
async function makeImage(proof: Proof): Promise<Result<string>> {
  const { verification, image, scratch, calls } = proof;
  const { host, size = SMALL_SIZE } = verification;
  const created = new Date(host.clock.now()).toISOString();
  const archive = await makeImageArchive(makeContent(size), `${image.repository}:${image.tag}`, created);
  try {
    await scratch.write("image.tar", archive.body());
  } catch (error) {
    const reason = (error as Error).message;
    return failure(problem("RC-ENG-051", { folder: scratch.path, reason, size: showBytes(size) }, [reason]));
  }
  proof.archived = archive.digest;
  proof.loaded = true;
  const loaded = await calls.runAll(stepsOf(proof).load, "take in");
  return loaded.ok ? success(`${showBytes(size)} that nothing else has`) : loaded;
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
