import { problem, type Problem } from "../findings/problem.ts";
import type { Clock, Host } from "../host/ports.ts";
import { imageReference } from "../registry/name.ts";
import { failure, success, type Result } from "../result.ts";
import { makeContent, SMALL_SIZE, smokeTag } from "./artifact.ts";
import { deletePushedByOther } from "./clean-up.ts";
import type { Verification } from "./direct.ts";
import type { Engine } from "./docker-engine.ts";
import { findInsecure } from "./docker-insecure.ts";
import { explainRefusal, explainUnreadable } from "./refusal.ts";
import { measureTransfer, runChecks, type Check, type Finding, type PlannedCheck } from "./report.ts";
import { showBytes } from "./size.ts";

// where the Docker Engine listens, unless DOCKER_HOST says otherwise
const SOCKET = "/var/run/docker.sock";
// Go reads /etc/hosts again five seconds after it last did (net/hosts.go)
const HOSTS_CACHE_MS = 6000;
const RETRY_MS = 500;

/** Where the engine is, or why there is none to be asked. */
export type EnginePlace = { readonly socket: string } | { readonly absent: string };

/** Finds the socket of the Docker Engine that runs on this host. */
export async function findEngine({ caller, files }: Host): Promise<EnginePlace> {
  if (files.root !== "/") return { absent: "--root names a tree of files, where no engine runs" };
  const configured = caller.environment["DOCKER_HOST"] ?? "";
  if (configured.startsWith("unix://")) return { socket: configured.slice("unix://".length) };
  if (configured !== "") return { absent: `DOCKER_HOST names an engine of another host, ${configured}` };
  const entry = await files.readEntry(await files.resolveLinks(SOCKET));
  return entry.kind === "other" ? { socket: SOCKET } : { absent: "no Docker Engine runs on this host" };
}

/** Pushes and pulls through the Docker Engine, which uses its own trust, name look-up and network. */
export async function verifyThroughDocker(verification: Verification, engine: Engine): Promise<readonly Check[]> {
  const { host, mode, note } = verification;
  const planned = plannedChecks(verification, engine);
  if (mode === "pull")
    note("nothing was pulled through the engine: that takes an image, and --mode push-pull makes one");
  return runChecks(
    host.clock,
    [{ name: "engine", run: () => checkEngine(verification, engine) }, ...planned],
    verification.begin,
  );
}

function plannedChecks(verification: Verification, engine: Engine): readonly PlannedCheck[] {
  if (verification.mode === "push-pull") return transferChecks(verification, engine);
  return verification.mode === "light" ? [{ name: "login", run: () => checkLogin(verification, engine) }] : [];
}

async function checkLogin(verification: Verification, engine: Engine): Promise<Result<Finding>> {
  const { credential, host, route } = verification;
  if (credential === undefined) return success({ detail: "none is kept, so none was tried" });
  const logIn = async (): Promise<Finding> => {
    await engine.logIn(credential, host.signal);
    return { detail: `as ${credential.username}` };
  };
  return attempt(verification, "log in to", { repository: route.name.authority }, logIn);
}

/** The report for an engine that is not there, and was asked for. */
export function reportAbsentEngine(reason: string, clock: Clock): readonly Check[] {
  const missing = problem("RC-ENG-001", { reason }, [reason]);
  return [
    {
      name: "engine",
      status: "failed",
      at: Math.round(clock.elapsed()),
      took: 0,
      detail: missing.summary,
      problem: missing,
    },
  ];
}

/** Is it there, and will it verify the registry? Nothing else is asked of it before. */
async function checkEngine(verification: Verification, engine: Engine): Promise<Result<string>> {
  try {
    const version = await engine.version();
    const insecure = await findInsecure(verification, engine);
    return insecure === undefined ? success(`Docker Engine ${version}`) : failure(insecure);
  } catch (error) {
    const reason = (error as Error).message;
    return failure(problem("RC-ENG-001", { reason }, [reason]));
  }
}

interface Image {
  readonly repository: string;
  readonly tag: string;
  /** Whether the engine has, or may have, taken it in. */
  made: boolean;
  /** Whether the engine was told to push it: then the registry may have it though nobody heard so. */
  sent: boolean;
  digest: string;
}

function transferChecks(verification: Verification, engine: Engine): readonly PlannedCheck[] {
  const { route, host } = verification;
  const tag = `${smokeTag(host.caller.hostname)}-docker`.slice(0, 128);
  const image: Image = {
    repository: imageReference(route.name, verification.repository),
    tag,
    made: true,
    sent: false,
    digest: "",
  };
  return [
    { name: "image", run: () => makeImage(verification, engine, image) },
    { name: "push", run: () => attempt(verification, "push", image, () => pushImage(verification, engine, image)) },
    { name: "pull", run: () => attempt(verification, "pull", image, () => pullImage(verification, engine, image)) },
    { name: "clean up", run: () => cleanUp(verification, engine, image), always: true },
  ];
}

/** By itself, so that its time is not taken for the network's. */
async function makeImage(verification: Verification, engine: Engine, image: Image): Promise<Result<string>> {
  const size = verification.size ?? SMALL_SIZE;
  try {
    await engine.importImage(image.repository, image.tag, makeContent(size), verification.host.signal);
    return success(`${showBytes(size)} that nothing else has`);
  } catch (error) {
    const refused = explain(verification, "make", image, (error as Error).message);
    image.made = refused.code !== "RC-ENG-056";
    return failure(refused);
  }
}

async function pushImage(verification: Verification, engine: Engine, image: Image): Promise<Finding> {
  const { host, credential } = verification;
  const name = `${image.repository}:${image.tag}`;
  image.sent = true;
  const started = host.clock.elapsed();
  image.digest = await engine.push(name, credential, host.signal);
  return { detail: name, transfer: measureSince(verification, started) };
}

async function pullImage(verification: Verification, engine: Engine, image: Image): Promise<Finding> {
  const { host, credential } = verification;
  await engine.removeImage(`${image.repository}:${image.tag}`);
  const started = host.clock.elapsed();
  // by digest: the engine itself refuses bytes that do not match
  await engine.pull(`${image.repository}@${image.digest}`, credential, host.signal);
  const detail = `by digest, and equal: ${image.digest.slice(0, 19)}…`;
  return { detail, transfer: measureSince(verification, started) };
}

function measureSince({ size, host }: Verification, started: number): Finding["transfer"] {
  return size === undefined ? undefined : measureTransfer(size, host.clock.elapsed() - started);
}

async function cleanUp(verification: Verification, engine: Engine, image: Image): Promise<Result<string>> {
  // what it has not taken in, it cannot have
  const removing = image.made ? removeImages(engine, image) : undefined;
  const [removed, deleted] = await Promise.all([removing, cleanRegistry(verification, image)]);
  if (removed !== undefined) verification.note(`${image.repository}:${image.tag} stays in the engine: ${removed}`);
  return deleted;
}

async function cleanRegistry(verification: Verification, image: Image): Promise<Result<string>> {
  const { cleaner, repository, note, size = SMALL_SIZE } = verification;
  if (!image.sent) return success("nothing was pushed");
  return deletePushedByOther({ client: cleaner, repository, note, size }, image.tag, image.digest);
}

/** Gives the reason when an image stays. */
async function removeImages(engine: Engine, image: Image): Promise<string | undefined> {
  try {
    await engine.removeImage(`${image.repository}:${image.tag}`);
    if (image.digest !== "") await engine.removeImage(`${image.repository}@${image.digest}`);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Runs a transfer, and again while the engine may still know only the hosts file of a moment ago. */
async function attempt(
  verification: Verification,
  action: "push" | "pull" | "log in to",
  image: Pick<Image, "repository">,
  transfer: () => Promise<Finding>,
): Promise<Result<Finding>> {
  const { clock, signal } = verification.host;
  const started = clock.elapsed();
  for (;;) {
    try {
      const tries = clock.elapsed() - started;
      const found = await transfer();
      const waited = tries > HOSTS_CACHE_MS - RETRY_MS;
      return success(waited ? { ...found, detail: `${found.detail} (after the engine's hosts cache ran out)` } : found);
    } catch (error) {
      const reason = (error as Error).message;
      const mayPass = isNameFailure(reason) && clock.elapsed() - started < HOSTS_CACHE_MS && !signal.aborted;
      if (!mayPass) return failure(explain(verification, action, image, reason));
      await clock.sleep(RETRY_MS, signal);
    }
  }
}

function explain(
  verification: Verification,
  action: string,
  image: Pick<Image, "repository">,
  reason: string,
): Problem {
  const { name } = verification.route;
  const facts = { name: name.key, host: name.host, authority: name.authority, action, image: image.repository, reason };
  const refused = explainRefusal(verification, action, reason, "a server that the engine does not name");
  if (refused !== undefined) return refused;
  const unreadable = explainUnreadable(verification, "the Docker Engine", reason);
  if (unreadable !== undefined) return unreadable;
  if (isNameFailure(reason)) return problem("RC-ENG-002", facts, [reason]);
  if (/x509:|certificate/.test(reason)) return problem("RC-ENG-003", facts, [reason]);
  if (/no basic auth credentials|unauthorized|authentication required/i.test(reason))
    return problem("RC-ENG-004", facts, [reason]);
  const unreachable = /connection refused|i\/o timeout|no route to host|deadline exceeded|proxyconnect/i.test(reason);
  return problem(unreachable ? "RC-ENG-006" : "RC-ENG-005", facts, [reason]);
}

/** Go says "no such host" only when a name server said so; with none that answers it tells of that server. */
function isNameFailure(reason: string): boolean {
  return /no such host|(?<!proxyconnect tcp: )dial tcp: lookup /.test(reason);
}
