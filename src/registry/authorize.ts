import { problem, type Problem } from "../findings/problem.ts";
import { reveal, type Secret } from "../credentials/secret.ts";
import { failure, success, type Result } from "../result.ts";
import { discardBody } from "./body.ts";
import { parseChallenges, type Challenge } from "./challenge.ts";
import type { Http, HttpRequest, HttpResponse } from "./http.ts";
import type { RegistryName } from "./name.ts";
import { basicAuthorization, fetchToken, isIdentityToken, type Credentials } from "./token.ts";

/** What a client of one registry is made of. `now`: milliseconds since the epoch. */
export interface ClientOptions {
  readonly name: RegistryName;
  readonly http: Http;
  readonly credentials?: Credentials;
  readonly allowedRealms?: readonly string[];
  readonly now: () => number;
}

/** Sends requests to the registry itself, and answers its challenges. */
export interface Authorizer {
  /**
   * Sends `request`, whose URL must be the registry's own. Credentials go along only after the registry challenged for
   * them. A 401 or 403 that stays after that is given back as the response. `scope` is as in fetchToken.
   */
  send(request: HttpRequest, scope: string | undefined): Promise<Result<HttpResponse>>;
  /** Takes in what the registry asked for when nobody had logged in: a password it need not ask for once more. */
  learn(challenges: readonly Challenge[]): void;
  /** The scheme that was last used, "" before any challenge. */
  scheme(): "" | "Basic" | "Bearer";
}

/** What the registry has asked for so far, and the tokens got for it. */
interface Session {
  challenge: Challenge | undefined;
  readonly tokens: Map<string, { readonly token: Secret; readonly until: number }>;
}

/** Makes the authorizer for one client; what it learns lives as long as the client. */
export function createAuthorizer(options: ClientOptions): Authorizer {
  const session: Session = { challenge: undefined, tokens: new Map() };
  return {
    send: async (request, scope) => {
      if (!isOwn(options.name, request.url)) throw new Error("credentials go to the registry's own authority only");
      const known = await authorization(options, session, session.challenge, scope);
      if (!known.ok) return known;
      const response = await options.http.request(withAuthorization(request, known.value));
      if (!response.ok || response.value.status !== 401) return response;
      return answerChallenge(options, session, { request, scope, sent: known.value, refused: response.value });
    },
    learn: (challenges) => {
      const chosen = chooseChallenge(challenges);
      // a token is for what the refusal of the very request says
      if (chosen?.scheme === "basic") session.challenge ??= chosen;
    },
    scheme: () => schemeOf(session.challenge),
  };
}

/** True when `url` is https on the very host and port of the registry. */
export function isOwn(name: RegistryName, url: URL): boolean {
  return url.protocol === "https:" && url.host === new URL(`https://${name.authority}`).host;
}

interface Refusal {
  readonly request: HttpRequest;
  readonly scope: string | undefined;
  readonly sent: string | undefined;
  readonly refused: HttpResponse;
}

async function answerChallenge(
  options: ClientOptions,
  session: Session,
  refusal: Refusal,
): Promise<Result<HttpResponse>> {
  const { request, scope, sent, refused } = refusal;
  const challenges = parseChallenges(refused.header("www-authenticate"));
  const chosen = chooseChallenge(challenges);
  if (chosen === undefined || sent?.startsWith("Basic ") === true) {
    if (challenges.length === 0 || sent !== undefined) return success(refused);
    await discardBody(refused);
    return failure(explainSchemes(options.name, challenges));
  }
  await discardBody(refused);
  session.challenge = chosen;
  session.tokens.delete(scope ?? "");
  const answer = await authorization(options, session, chosen, scope ?? chosen.parameters.get("scope"));
  if (!answer.ok) return answer;
  if (answer.value === undefined) return failure(explainMissing(options.name, chosen));
  return options.http.request(withAuthorization(request, answer.value));
}

// a token server, where there is one, is what the registry was set up to use
function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  const of = (scheme: string): Challenge | undefined => challenges.find((one) => one.scheme === scheme);
  return of("bearer") ?? of("basic");
}

async function authorization(
  options: ClientOptions,
  session: Session,
  challenge: Challenge | undefined,
  scope: string | undefined,
): Promise<Result<string | undefined>> {
  if (challenge === undefined) return success(undefined);
  if (schemeOf(challenge) === "Bearer") return bearer(options, session, challenge, scope);
  if (options.credentials === undefined) return success(undefined);
  const unfit = explainUnfit(options.name, options.credentials);
  return unfit === undefined ? success(basicAuthorization(options.credentials)) : failure(unfit);
}

async function bearer(
  { http, name, credentials, allowedRealms = [], now }: ClientOptions,
  session: Session,
  challenge: Challenge,
  scope: string | undefined,
): Promise<Result<string>> {
  const kept = session.tokens.get(scope ?? "");
  if (kept !== undefined && kept.until > now()) return success(`Bearer ${reveal(kept.token)}`);
  const fetched = await fetchToken(http, { name, challenge, scope, credentials, allowedRealms });
  if (!fetched.ok) return fetched;
  const { token, expiresIn } = fetched.value;
  // a tenth of its life early, so that it does not run out on the way
  session.tokens.set(scope ?? "", { token, until: now() + expiresIn * 900 });
  return success(`Bearer ${reveal(token)}`);
}

function withAuthorization(request: HttpRequest, value: string | undefined): HttpRequest {
  return value === undefined ? request : { ...request, headers: { ...request.headers, Authorization: value } };
}

function schemeOf(challenge: Challenge | undefined): "" | "Basic" | "Bearer" {
  if (challenge === undefined) return "";
  return challenge.scheme === "bearer" ? "Bearer" : "Basic";
}

function explainSchemes(name: RegistryName, challenges: readonly Challenge[]): Problem {
  const schemes = challenges.map(({ scheme }) => scheme).join(", ");
  return problem("RC-AUT-003", { authority: name.authority, schemes });
}

function explainMissing(name: RegistryName, challenge: Challenge): Problem {
  return problem("RC-AUT-002", { authority: name.authority, scheme: schemeOf(challenge) });
}

function explainUnfit(name: RegistryName, credentials: Credentials): Problem | undefined {
  const unfit = (reason: string): Problem => problem("RC-AUT-009", { authority: name.authority, reason });
  if (isIdentityToken(credentials))
    return unfit("an identity token is stored, and the registry asks for a password (Basic)");
  if (credentials.username.includes(":"))
    return unfit("the user name has a colon, which basic authentication cannot carry (RFC 7617)");
  return undefined;
}
