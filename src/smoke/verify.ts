import type { Credential } from "../credentials/vaults.ts";
import type { Host } from "../host/ports.ts";
import { createRegistryClient } from "../registry/client.ts";
import { connectTrusting, type Route } from "../registry/connection.ts";
import { verifyDirect, type Verification } from "./direct.ts";
import { findEngineSocket, verifyThroughDocker } from "./docker.ts";
import { readDockerTrust } from "./docker-trust.ts";
import type { Mode, VerificationReport, Via, WayReport } from "./report.ts";

/** What is to be verified, and how. */
export interface VerifyRequest {
  readonly route: Route;
  readonly credential: Credential | undefined;
  readonly allowedRealms: readonly string[];
  readonly mode: Mode;
  readonly repository: string;
  /** `auto`: directly, and through every engine that runs on this host. */
  readonly via: Via | "auto";
  readonly begin: (via: Via, check: string) => void;
}

/** Proves a registry by using it, first directly and then as the engine would. */
export async function verifyRegistry(host: Host, request: VerifyRequest): Promise<VerificationReport> {
  const { route, credential, allowedRealms } = request;
  const roots = await readDockerTrust(host.files, route.name);
  const http = connectTrusting(host, route, roots);
  const now = () => host.clock.now();
  const client = createRegistryClient({
    name: route.name,
    http,
    allowedRealms,
    now,
    ...(credential && { credentials: credential }),
  });
  try {
    return await runWays(host, request, { roots, client });
  } finally {
    http.close();
  }
}

async function runWays(
  host: Host,
  request: VerifyRequest,
  means: Pick<Verification, "roots" | "client">,
): Promise<VerificationReport> {
  const notes: string[] = [];
  const ways: WayReport[] = [];
  const verification = (via: Via): Verification => ({
    ...request,
    ...means,
    host,
    begin: (check) => request.begin(via, check),
    note: (text) => void notes.push(text),
  });
  if (request.via !== "docker") ways.push({ via: "direct", checks: await verifyDirect(verification("direct")) });
  const reachable = ways.every(allPassed);
  if (request.via === "docker" || (request.via === "auto" && reachable)) {
    ways.push(...(await verifyWithEngine(verification("docker"), request.via, notes)));
  }
  return {
    registry: request.route.name.key,
    mode: request.mode,
    ok: ways.length > 0 && ways.every(allPassed),
    ways,
    notes,
  };
}

function allPassed(way: WayReport): boolean {
  return way.checks.every((check) => check.status === "passed");
}

async function verifyWithEngine(
  verification: Verification,
  via: Via | "auto",
  notes: string[],
): Promise<readonly WayReport[]> {
  const socket = await findEngineSocket(verification);
  if (socket === undefined && via === "auto") {
    notes.push("no Docker Engine runs on this host, so nothing was pushed or pulled through one");
    return [];
  }
  // loaded only where an engine is: it is by far the largest of the packages
  const { connectEngine } = await import("./docker-engine.ts");
  const engine = connectEngine(socket ?? "/var/run/docker.sock", verification.route.name.authority);
  return [{ via: "docker", checks: await verifyThroughDocker(verification, engine) }];
}
