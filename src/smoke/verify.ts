import type { Credential } from "../credentials/vault.ts";
import { printable } from "../findings/problem.ts";
import type { Host } from "../host/ports.ts";
import type { Route } from "../registry/connection.ts";
import { openRegistry } from "../registry/open-registry.ts";
import type { Certificate } from "../trust/certificate.ts";
import type { Cleaner } from "./clean-up.ts";
import type { Engine } from "./docker-engine.ts";
import { verifyReach, verifyTransfer, type Verification } from "./direct.ts";
import { findEngine, reportAbsentEngine, verifyThroughDocker, type EnginePlace } from "./docker.ts";
import { readDockerTrust } from "./docker-trust.ts";
import type { ProgramWay } from "./program-way.ts";
import { allPassed, type Mode, type VerificationReport, type Via, type WayReport } from "./report.ts";

/** What is to be verified, and how. */
export interface VerifyRequest {
  readonly route: Route;
  readonly credential: Credential | undefined;
  readonly loginProved: boolean;
  readonly allowedRealms: readonly string[];
  /** What alone is trusted, directly, in place of what Docker trusts on this host. */
  readonly roots?: readonly Certificate[];
  readonly mode: Mode;
  readonly repository: string;
  /** Bytes to push and pull, and to measure; undefined: just enough to prove it. */
  readonly size?: number | undefined;
  /**
   * `auto`: directly, through the Docker Engine, and through what `chooseWays` finds on this host. `once`: directly and
   * through the Docker Engine, but what is transferred goes only one way, through the engine if there is one: it is the one
   * that will be used.
   */
  readonly via: Via | "auto" | "once";
  /** What `approachEngine` gives. */
  readonly engine?: Promise<Engine | undefined> | undefined;
  readonly begin: (via: Via, check: string) => void;
}

/**
 * The engine of this host, asked already what it is and whom it would not verify; undefined when there is none. Begun
 * early, it has answered by the time that the registry has.
 */
export async function approachEngine(host: Host, authority: string): Promise<Engine | undefined> {
  const place = await findEngine(host);
  if (!("socket" in place)) return undefined;
  const { askAhead, connectEngine } = await loadEngine();
  return askAhead(connectEngine(place.socket, authority));
}

/** Only where an engine is: it is by far the largest of the packages. */
function loadEngine(): Promise<typeof import("./docker-engine.ts")> {
  return import("./docker-engine.ts");
}

/** Proves a registry by using it, first directly and then as the engine would. */
export async function verifyRegistry(host: Host, request: VerifyRequest): Promise<VerificationReport> {
  const { route } = request;
  const roots = request.roots ?? (await readDockerTrust(host.files, route.name));
  const main = connect(host, request, roots);
  let late: ReturnType<typeof connect> | undefined;
  const cleaner = (): Cleaner => {
    if (!host.signal.aborted) return main.client;
    late ??= connect({ ...host, signal: AbortSignal.timeout(CLEANING_MS) }, request, roots);
    return late.client;
  };
  const begun = host.clock.elapsed();
  const clock = { ...host.clock, elapsed: () => host.clock.elapsed() - begun };
  try {
    return await runWays({ ...host, clock }, request, { ...main, roots, cleaner: lazily(cleaner) });
  } finally {
    main.close();
    late?.close();
  }
}

/** Who stopped a verification waits that long at most for what it has pushed to be taken out again. */
const CLEANING_MS = 10_000;

function connect(
  host: Host,
  { route, allowedRealms, credential }: VerifyRequest,
  roots: readonly Certificate[],
): Pick<Verification, "client" | "adopt"> & { readonly close: () => void } {
  const { client, http } = openRegistry(host, { route, anchors: roots, allowedRealms, credentials: credential });
  return { client, adopt: (connection) => http.adopt(connection), close: () => http.close() };
}

/** Which of the clients it is turns out only when there is something to clean up. */
function lazily(cleaner: () => Cleaner): Cleaner {
  return {
    deleteManifest: (...args) => cleaner().deleteManifest(...args),
    cancelUpload: (...args) => cleaner().cancelUpload(...args),
    getManifest: (...args) => cleaner().getManifest(...args),
  };
}

async function runWays(
  host: Host,
  request: VerifyRequest,
  means: Pick<Verification, "roots" | "client" | "adopt" | "cleaner">,
): Promise<VerificationReport> {
  const notes: string[] = [];
  const startedAt = new Date(host.clock.now()).toISOString();
  const verification = (via: Via): Verification => ({
    ...request,
    ...means,
    host,
    begin: (check) => request.begin(via, check),
    note: (text) => void notes.push(printable(text)),
  });
  const ways = await runEach(host, request, verification, (text) => void notes.push(text));
  const ok = ways.length > 0 && ways.every((way) => allPassed(way.checks));
  return { registry: request.route.name.key, mode: request.mode, startedAt, ok, ways, notes };
}

async function runEach(
  host: Host,
  request: VerifyRequest,
  verification: (via: Via) => Verification,
  note: (text: string) => void,
): Promise<readonly WayReport[]> {
  const { via } = request;
  const hasDirect = via === "direct" || via === "auto" || via === "once";
  const reaching = hasDirect ? verifyReach(verification("direct")) : Promise.resolve([]);
  // where a login has just been proved, the registry can be reached
  const mayAsk = via !== "direct" && (request.loginProved || allPassed(await reaching));
  const asksEngine = via === "docker" || (hasDirect && mayAsk);
  const place: EnginePlace = asksEngine ? await findEngine(host) : { absent: "" };
  const programs = mayAsk ? await findPrograms(verification("direct"), via) : [];
  const isDirect = hasDirect && !(via === "once" && "socket" in place);
  const isWanted = via === "docker" || "socket" in place;
  // all at once: each waits for the registry most of the time
  const [direct, engines, others] = await Promise.all([
    isDirect ? verifyTransfer(verification("direct"), await reaching) : reaching,
    isWanted ? verifyWithEngine(verification("docker"), place, request.engine) : [],
    Promise.all(programs.map((way) => verifyWithProgram(verification(way.via), way))),
  ]);
  if (!isWanted && "absent" in place && place.absent !== "") {
    note(`${place.absent}, so nothing was pushed or pulled through one`);
  }
  return [...(hasDirect ? [{ via: "direct", checks: direct } as const] : []), ...engines, ...others];
}

/** `enroll` starts without what only these need. */
async function findPrograms(verification: Verification, via: VerifyRequest["via"]): Promise<readonly ProgramWay[]> {
  if (via === "once" || via === "docker") return [];
  const { chooseWays } = await import("./ways.ts");
  return chooseWays(verification, via);
}

async function verifyWithProgram(verification: Verification, way: ProgramWay): Promise<WayReport> {
  const { verifyThroughProgram } = await import("./program.ts");
  return { via: way.via, checks: await verifyThroughProgram(verification, way) };
}

async function verifyWithEngine(
  verification: Verification,
  place: EnginePlace,
  approached: VerifyRequest["engine"],
): Promise<readonly WayReport[]> {
  if ("absent" in place) return [{ via: "docker", checks: reportAbsentEngine(place.absent, verification.host.clock) }];
  const { connectEngine } = await loadEngine();
  const engine = (await approached) ?? connectEngine(place.socket, verification.route.name.authority);
  return [{ via: "docker", checks: await verifyThroughDocker(verification, engine) }];
}
