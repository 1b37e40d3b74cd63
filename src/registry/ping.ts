import { problem, type Problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { isOwn, type Authorizer, type ClientOptions } from "./authorize.ts";
import { parseJson, readEvidence } from "./body.ts";
import { parseChallenges } from "./challenge.ts";
import { clientCertificatePage, gistOf, readRetryAfter } from "./errors.ts";
import type { HttpResponse } from "./http.ts";
import type { RegistryName } from "./name.ts";

/** What a registry said to GET /v2/. */
export interface Ping {
  /** `open`: needs no login, or took the one that was sent; `challenge`: needs one. */
  readonly kind: "open" | "challenge";
  /** Docker-Distribution-Api-Version; proxies often drop it. */
  readonly apiVersion: string | undefined;
  /** The server's clock minus ours, milliseconds, to the second; undefined without a Date header. */
  readonly skewMs: number | undefined;
}

/** How a login went. */
export interface Login {
  /** `notNeeded`: the registry is open, and the credentials are neither proved nor sent. */
  readonly kind: "loggedIn" | "notNeeded";
  readonly scheme: "" | "Basic" | "Bearer";
}

/**
 * Asks GET /v2/ without credentials (distribution-spec, "Determining Support"): is this a registry, and what does it want?
 * `authorizer` is told the latter.
 */
export async function pingRegistry(
  { name, http, now }: ClientOptions,
  authorizer: Pick<Authorizer, "learn">,
): Promise<Result<Ping>> {
  const asked = now();
  const response = await http.request({ method: "GET", url: baseUrl(name) });
  if (!response.ok) return response;
  authorizer.learn(parseChallenges(response.value.header("www-authenticate")));
  const skewMs = readSkew(response.value.header("date"), (asked + now()) / 2);
  return readPing(name, response.value, skewMs);
}

/**
 * Proves the credentials: answers the challenge of GET /v2/, basic or bearer. A wrong password is a Problem with the exit
 * code for credentials.
 */
export async function logIn(options: ClientOptions, authorizer: Authorizer): Promise<Result<Login>> {
  const { name } = options;
  const open = await pingRegistry(options, authorizer);
  if (!open.ok) return open;
  if (open.value.kind === "open") return success({ kind: "notNeeded", scheme: "" });
  const response = await authorizer.send({ method: "GET", url: baseUrl(name) }, undefined);
  if (!response.ok) return response;
  const scheme = authorizer.scheme();
  if (response.value.status === 401 || response.value.status === 403)
    return failure(await explainRefusedLogin(options, scheme, response.value));
  const ping = await readPing(name, response.value, undefined);
  return ping.ok ? success({ kind: "loggedIn", scheme }) : ping;
}

function baseUrl(name: RegistryName): URL {
  return new URL(`https://${name.authority}/v2/`);
}

async function readPing(name: RegistryName, response: HttpResponse, skewMs: number | undefined): Promise<Result<Ping>> {
  const apiVersion = response.header("docker-distribution-api-version");
  const challenges = parseChallenges(response.header("www-authenticate"));
  const body = await readEvidence(response);
  const { status } = response;
  if (status === 401 && challenges.length > 0) return success({ kind: "challenge", apiVersion, skewMs });
  const isRegistry = apiVersion?.startsWith("registry/2") === true || isJsonObject(body);
  if (status === 200 && isRegistry) return success({ kind: "open", apiVersion, skewMs });
  return failure(explainPing(name, response, body));
}

function isJsonObject(body: string): boolean {
  const value = parseJson(body);
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function explainPing(name: RegistryName, response: HttpResponse, body: string): Problem {
  const { status } = response;
  const facts = { authority: name.authority, host: name.host, status: String(status), request: "GET /v2/" };
  const evidence = [`GET https://${name.authority}/v2/: status ${status}`, ...(body === "" ? [] : [gistOf(body)])];
  const location = response.header("location");
  const target = location === undefined ? null : URL.parse(location, response.url);
  if (status >= 300 && status < 400 && target !== null && !isOwn(name, target))
    return problem("RC-HTP-006", { ...facts, target: target.origin }, evidence);
  const refused = status === 400 ? clientCertificatePage(body) : undefined;
  if (refused !== undefined) return problem(refused, facts, evidence);
  if (status === 429)
    return problem("RC-HTP-008", { ...facts, wait: readRetryAfter(response.header("retry-after")) }, evidence);
  if (status === 403) return problem("RC-AUT-010", facts, evidence);
  if (status === 401 && response.header("docker-distribution-api-version")?.startsWith("registry/2") === true)
    return problem("RC-AUT-003", { ...facts, schemes: "nothing: a proxy drops WWW-Authenticate" }, evidence);
  if (status >= 500) return problem("RC-HTP-007", facts, evidence);
  return problem("RC-HTP-005", { ...facts, reason: reasonFor(status, target) }, evidence);
}

function reasonFor(status: number, target: URL | null): string {
  if (status === 401) return "its 401 has no WWW-Authenticate header that could be answered";
  if (status === 200) return "what it gives for /v2/ is not the answer of a registry";
  if (target !== null) return `it redirects /v2/ to ${target.pathname}`;
  return `it answers /v2/ with status ${status}`;
}

function readSkew(date: string | undefined, ours: number): number | undefined {
  const theirs = Date.parse(date ?? "");
  return Number.isNaN(theirs) ? undefined : Math.round(theirs - ours);
}

async function explainRefusedLogin(
  { name, credentials }: ClientOptions,
  scheme: string,
  response: HttpResponse,
): Promise<Problem> {
  const evidence = [`GET https://${name.authority}/v2/ with ${scheme}: status ${response.status}`];
  const said = gistOf(await readEvidence(response));
  if (said !== "") evidence.push(said);
  const facts = { authority: name.authority, server: name.authority, username: credentials?.username ?? "", scheme };
  if (response.status === 403) return problem("RC-AUT-010", facts, evidence);
  if (credentials === undefined) return problem("RC-AUT-002", facts, evidence);
  return problem(scheme === "Bearer" ? "RC-AUT-008" : "RC-AUT-001", facts, evidence);
}
