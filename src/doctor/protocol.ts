import type { Credential } from "../credentials/vault.ts";
import { problem } from "../findings/problem.ts";
import { discardBody } from "../registry/body.ts";
import { parseChallenges, type Challenge } from "../registry/challenge.ts";
import type { RegistryClient } from "../registry/client.ts";
import { uploadEmptyBlob } from "../registry/empty-blob.ts";
import type { Http, HttpResponse } from "../registry/http.ts";
import { checkRealm } from "../registry/token.ts";
import { failed, ok, skipped, warning, type Verdict } from "./report.ts";
import type { Subject } from "./subject.ts";

const MOST_SKEW_MS = 5 * 60_000;
const BETWEEN = ["via", "x-cache", "x-squid-error", "cf-ray"];

/** What speaks to the registry, trusting what Docker trusts. */
export interface Means {
  readonly http: Http;
  readonly client: RegistryClient;
  readonly credential: Credential | "none" | "not ours";
}

/** Is it a registry, does it say so, does something answer for it, and do the clocks agree? */
export async function examineHttp({ name, pass }: Subject, { client, http }: Means): Promise<readonly Verdict[]> {
  const ping = await client.ping();
  if (!ping.ok) return failed(ping.problem);
  const { apiVersion, skewMs, kind } = ping.value;
  const found: Verdict[] = [];
  if (apiVersion === undefined) found.push(...warning(problem("RC-HTP-020", { authority: name.authority })));
  if (skewMs !== undefined && Math.abs(skewMs) > MOST_SKEW_MS)
    found.push(...warning(skewProblem(name.authority, skewMs, pass.host.clock.now())));
  const answer = await askBare(http, name.authority);
  const header = BETWEEN.find((each) => answer?.header(each) !== undefined);
  if (header !== undefined) {
    const shown = `${header}: ${answer?.header(header)}`;
    found.push(...warning(problem("RC-HTP-021", { authority: name.authority, header }, [shown])));
  }
  return found.length > 0
    ? found
    : ok(kind === "open" ? "a registry, open to all" : "a registry that asks for a login");
}

function skewProblem(authority: string, skewMs: number, ours: number) {
  const shown = (time: number): string => new Date(time).toISOString().slice(0, 19).replace("T", " ");
  const facts = {
    authority,
    minutes: String(Math.round(Math.abs(skewMs) / 60_000)),
    ours: shown(ours),
    theirs: shown(ours + skewMs),
  };
  return problem("RC-TLS-041", facts, [`this host: ${facts.ours}`, `Date of the server: ${facts.theirs}`]);
}

async function askBare(http: Http, authority: string): Promise<HttpResponse | undefined> {
  const response = await http.request({ method: "GET", url: new URL(`https://${authority}/v2/`) });
  if (!response.ok) return undefined;
  await discardBody(response.value);
  return response.value;
}

/** Can the challenge be answered, and does the stored login do so? */
export async function examineAuth(subject: Subject, means: Means): Promise<readonly Verdict[]> {
  const { name, enrolled } = subject;
  const answer = await askBare(means.http, name.authority);
  const challenges = parseChallenges(answer?.header("www-authenticate"));
  if (answer?.status !== 401) return ok("no login is asked for");
  const wrong = judgeChallenges(subject, challenges);
  if (wrong.length > 0) return wrong;
  const { credential } = means;
  if (credential === "not ours") return skipped("only root can read the stored login");
  if (credential === "none") {
    if (enrolled === undefined) return skipped("no login is stored to be tried");
    return warning(problem("RC-CRD-008", { name: name.key }, ["GET /v2/: status 401"]));
  }
  const login = await means.client.login();
  return login.ok ? ok(`${credential.username} is let in (${login.value.scheme})`) : failed(login.problem);
}

function judgeChallenges(
  { name, declaration, enrolled }: Subject,
  challenges: readonly Challenge[],
): readonly Verdict[] {
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  if (bearer === undefined) {
    if (challenges.some(({ scheme }) => scheme === "basic")) return [];
    const schemes = challenges.map(({ scheme }) => scheme).join(", ") || "nothing";
    return failed(problem("RC-AUT-003", { authority: name.authority, schemes }));
  }
  const realm = checkRealm({ name, challenge: bearer, allowedRealms: declaration?.credentials.realms ?? [] });
  if (realm.ok) return [];
  // Docker sends a login wherever it is told; only regclient wants the other host declared
  const isNews = realm.problem.code === "RC-AUT-005" && enrolled === undefined;
  return isNews ? warning(realm.problem) : failed(realm.problem);
}

/** May it be read? Asks for a blob that nobody has: a registry that lets us read says 404 to it. */
export async function examineRead(subject: Subject, means: Means): Promise<readonly Verdict[]> {
  if (!(await mayAsk(means))) return skipped("there is no login to read with");
  const repository = repositoryOf(subject);
  const found = await means.client.headBlob(repository, `sha256:${"0".repeat(64)}`);
  return found.ok ? ok(`${repository} may be read`) : failed(found.problem);
}

/** May it be written to? */
export async function examineWrite(subject: Subject, means: Means): Promise<readonly Verdict[]> {
  if (subject.enrolled === undefined) return skipped("not enrolled: nobody said where it may be written to");
  if (subject.declaration?.verify.mode !== "push-pull") return skipped("declared for reading only");
  if (!(await mayAsk(means))) return skipped("there is no login to write with");
  const repository = repositoryOf(subject);
  const sent = await uploadEmptyBlob(means.client, repository);
  return sent.ok ? ok(`${repository} may be written to: it took OCI's empty blob`) : failed(sent.problem);
}

async function mayAsk({ client, credential }: Means): Promise<boolean> {
  if (typeof credential !== "string") return true;
  const ping = await client.ping();
  return ping.ok && ping.value.kind === "open";
}

function repositoryOf({ declaration }: Subject): string {
  return declaration?.verify.repository ?? "regclient-smoke";
}
