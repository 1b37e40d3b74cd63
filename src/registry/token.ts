import { problem, type Problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { reveal, secret, type Secret } from "../credentials/secret.ts";
import { discardBody, parseJson, readBody } from "./body.ts";
import type { Challenge } from "./challenge.ts";
import type { Http, HttpRequest } from "./http.ts";
import { meansOutOfReach } from "./network-errors.ts";
import type { RegistryName } from "./name.ts";

/** What a person or a robot logs in with. The user name `<token>` means that the password is an identity token. */
export interface Credentials {
  readonly username: string;
  readonly password: Secret;
}

/** Whose tokens are wanted, and for what. */
export interface TokenRequest {
  readonly name: RegistryName;
  readonly challenge: Challenge;
  /** `repository:team/app:pull,push`, several with a space between; undefined for a login. */
  readonly scope: string | undefined;
  readonly credentials: Credentials | undefined;
  /** Hosts, or host:port, beside the registry's own that may be given its credentials. */
  readonly allowedRealms: readonly string[];
}

/** A bearer token, and for how many seconds from now it holds. */
export interface BearerToken {
  readonly token: Secret;
  readonly expiresIn: number;
}

const LARGEST_BODY = 1024 * 1024;
const LONGEST_TOKEN = 64 * 1024;
const SHORTEST_LIFE = 60;
const LONGEST_LIFE = 24 * 3600;
/** Docker's mark for "the password is an identity token". */
const IDENTITY_TOKEN_USER = "<token>";

/**
 * Fetches a bearer token as distribution's spec/auth/token.md says, or spec/auth/oauth.md for an identity token. Nothing
 * is sent to a realm that is not https or not on the registry's own host or `allowedRealms`. A token that grants less than
 * was asked for is not an error here.
 */
export async function fetchToken(http: Http, request: TokenRequest): Promise<Result<BearerToken>> {
  const realm = checkRealm(request);
  if (!realm.ok) return realm;
  const response = await http.request(
    isIdentityToken(request.credentials) ? oauthRequest(realm.value, request) : tokenRequest(realm.value, request),
  );
  if (!response.ok) return failure(explainUnreached(request, realm.value, response.problem));
  const { status } = response.value;
  if (status !== 200) {
    await discardBody(response.value);
    return failure(explainStatus(request, realm.value, status));
  }
  const body = await readBody(response.value, LARGEST_BODY);
  return body.ok ? readToken(request, realm.value, body.value) : body;
}

/** True for credentials that only a token server can take. */
export function isIdentityToken(credentials: Credentials | undefined): boolean {
  return credentials?.username === IDENTITY_TOKEN_USER;
}

/** The value of an Authorization header for HTTP basic authentication (RFC 7617, UTF-8). */
export function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${reveal(password)}`, "utf8").toString("base64")}`;
}

/** The token realm of a challenge as a URL, if a login may be sent there. */
export function checkRealm({
  name,
  challenge,
  allowedRealms,
}: Pick<TokenRequest, "name" | "challenge" | "allowedRealms">): Result<URL> {
  const authority = name.authority;
  const realm = challenge.parameters.get("realm") ?? "";
  const url = URL.parse(realm);
  const unsafe = (reason: string): Result<URL> => failure(problem("RC-AUT-004", { authority, realm, reason }));
  if (url === null) return unsafe("the realm is not a full URL");
  if (url.protocol !== "https:") return unsafe("the realm is not https");
  if (url.username !== "" || url.password !== "") return unsafe("the realm carries a login of its own");
  const own = new URL(`https://${authority}`).hostname;
  const allowed = [own, ...allowedRealms].some((host) => host === url.hostname || host === withPort(url));
  return allowed
    ? success(url)
    : failure(problem("RC-AUT-005", { authority, name: name.key, realm: url.host }, [`realm: ${realm}`]));
}

function withPort(url: URL): string {
  return `${url.hostname}:${url.port || "443"}`;
}

function tokenRequest(realm: URL, { challenge, scope, credentials }: TokenRequest): HttpRequest {
  const url = new URL(realm);
  const service = challenge.parameters.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  for (const one of scope?.split(" ") ?? []) url.searchParams.append("scope", one);
  if (credentials === undefined) return { method: "GET", url };
  url.searchParams.set("account", credentials.username);
  return { method: "GET", url, headers: { Authorization: basicAuthorization(credentials) } };
}

function oauthRequest(realm: URL, { challenge, scope, credentials }: TokenRequest): HttpRequest {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    service: challenge.parameters.get("service") ?? "",
    client_id: "regclient",
    ...(scope === undefined ? {} : { scope }),
    refresh_token: credentials === undefined ? "" : reveal(credentials.password),
  });
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  return { method: "POST", url: realm, headers, body: new TextEncoder().encode(form.toString()) };
}

/** Where only the token server is out of reach, the registry is not to be looked at. */
function explainUnreached({ name }: TokenRequest, realm: URL, told: Problem): Problem {
  const isOwn = realm.host === new URL(`https://${name.authority}`).host;
  if (isOwn || !meansOutOfReach(told)) return told;
  const facts = {
    authority: name.authority,
    realm: realm.host,
    reason: told.summary,
    url: `${realm.origin}${realm.pathname}`,
  };
  return problem("RC-AUT-011", facts, told.evidence);
}

function explainStatus({ name, credentials }: TokenRequest, realm: URL, status: number): Problem {
  const facts = { authority: name.authority, realm: realm.host, status: String(status) };
  const evidence = [`${realm.origin}${realm.pathname}: status ${status}`];
  const refused = status === 401 || status === 403 || (status === 400 && isIdentityToken(credentials));
  if (!refused) return problem("RC-AUT-006", facts, evidence);
  if (credentials === undefined) return problem("RC-AUT-002", { ...facts, scheme: "Bearer" }, evidence);
  return problem("RC-AUT-001", { ...facts, username: credentials.username, server: realm.host }, evidence);
}

function readToken({ name }: TokenRequest, realm: URL, body: Uint8Array): Result<BearerToken> {
  const unusable = (reason: string): Result<BearerToken> =>
    failure(problem("RC-AUT-007", { authority: name.authority, realm: realm.host, reason }));
  const answer = parseJson(body);
  if (typeof answer !== "object" || answer === null) return unusable("its answer is not the JSON object of a token");
  const token = [textAt(answer, "token"), textAt(answer, "access_token")].find((text) => text !== "") ?? "";
  if (token === "") return unusable("its answer has neither token nor access_token");
  if (token.length > LONGEST_TOKEN) return unusable(`the token is longer than ${LONGEST_TOKEN} bytes`);
  if (!/^[\u0021-\u007e]+$/.test(token)) return unusable("the token has characters that no header may carry");
  const life = "expires_in" in answer && typeof answer.expires_in === "number" ? answer.expires_in : 0;
  // token.md: at least 60 seconds, whatever is said
  return success({ token: secret(token), expiresIn: Math.min(Math.max(life, SHORTEST_LIFE), LONGEST_LIFE) });
}

function textAt(value: object, key: string): string {
  const found: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof found === "string" ? found : "";
}
