import { problem, type Problem } from "../findings/problem.ts";
import type { Host, Scratch } from "../host/ports.ts";
import { imageReference } from "../registry/name.ts";
import { hostsDirectory } from "../runtimes/containerd.ts";
import { configPaths } from "../runtimes/containerd-config.ts";
import { findProgram } from "../runtimes/probe.ts";
import { lookAround } from "../runtimes/view.ts";
import { failure, success, type Result } from "../result.ts";
import { smokeTag } from "./artifact.ts";
import type { Verification } from "./direct.ts";
import { makeCalls, whyNoLogin, type Calls } from "./program-call.ts";
import { planProgramTransfer } from "./program-transfer.ts";
import type { Command, ImageAtHand, ProgramWay } from "./program-way.ts";
import { runChecks, type Check, type PlannedCheck } from "./report.ts";

/** Whether a program can be used. */
export type WayPlace = { readonly program: string } | { readonly absent: string };

/** Where the program is, or why it is not there, or cannot be given the login. */
export async function findWay(
  { host, credential }: Pick<Verification, "host" | "credential">,
  way: ProgramWay,
): Promise<WayPlace> {
  if (host.files.root !== "/") return { absent: "--root names a tree of files, where no program is run" };
  const program = await findProgram(host, [way.program]);
  if (program === undefined) return { absent: `there is no ${way.program} on this host` };
  const reason = await whyNoLogin(host, way, credential);
  return reason === undefined ? { program } : { absent: reason };
}

/**
 * Proves a registry through the program: by an image, or where none is to be made by the login that it finds. It finds
 * certificates, names and logins as it does for who calls it.
 */
export async function verifyThroughProgram(verification: Verification, way: ProgramWay): Promise<readonly Check[]> {
  const { host, begin } = verification;
  const place = await findWay(verification, way);
  const scratch = "absent" in place ? place : await openScratch(host);
  if ("absent" in place || "absent" in scratch) {
    const reason = "absent" in place ? place.absent : "absent" in scratch ? scratch.absent : "";
    return runChecks(host.clock, [{ name: "program", run: async () => failure(cannotUse(way, reason)) }], begin);
  }
  try {
    const calls = await makeCalls(verification, way, place.program, scratch.path);
    const image = await imageFor(verification, way, scratch.path);
    const version: PlannedCheck = { name: "program", run: () => calls.version() };
    const planned =
      verification.mode === "push-pull"
        ? planProgramTransfer({ verification, way, calls, image, scratch })
        : planLogin(verification, way, calls, way.steps(image).login);
    return await runChecks(host.clock, [version, ...planned], begin);
  } finally {
    await scratch.remove();
  }
}

async function openScratch(host: Host): Promise<Scratch | { readonly absent: string }> {
  try {
    return await host.makeScratch();
  } catch (error) {
    return { absent: `no directory for temporary files can be made: ${(error as Error).message}` };
  }
}

function cannotUse({ title }: ProgramWay, reason: string): Problem {
  return problem("RC-ENG-050", { program: title, reason }, [reason]);
}

function planLogin(
  { mode, note, credential }: Verification,
  { title }: ProgramWay,
  calls: Calls,
  login: readonly Command[] | undefined,
): readonly PlannedCheck[] {
  if (mode === "pull") note(`nothing was pulled through ${title}: that takes an image, and --mode push-pull makes one`);
  else if (login === undefined)
    note(`nothing was asked through ${title}: it keeps no login, and shows one only with an image`);
  else if (credential === undefined) note(`no login is kept, so none was tried through ${title}`);
  else return [{ name: "login", run: () => checkLogin(calls, login) }];
  return [];
}

async function checkLogin(calls: Calls, login: readonly Command[]): Promise<Result<string>> {
  const done = await calls.runAll(login, "log in to");
  return done.ok ? success("with the login that it finds by itself") : done;
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
