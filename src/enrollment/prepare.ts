import type { ConfigTarget } from "../credentials/docker-config-files.ts";
import type { Route } from "../registry/connection.ts";
import { success, type Result } from "../result.ts";
import { probeRuntimes, type FoundRuntimes } from "../runtimes/probe.ts";
import { readDeclaredClient } from "./client-step.ts";
import { establishLogin, type Login } from "./credential-step.ts";
import type { Declaration } from "./declaration.ts";
import { makePlan, verifierOf, type Decided } from "./make-plan.ts";
import { locateConfigs } from "./managed-configs.ts";
import { findOpenLogins, type OpenLogin } from "./migration.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
import type { Plan } from "./plan.ts";
import { hearTree } from "./tree-word.ts";
import { establishTrust, type Trust, type Waiting } from "./trust-step.ts";
import type { Word } from "./word.ts";

/** What the network and people had to say. */
export interface Prepared {
  readonly kind: "prepared";
  readonly route: Route;
  readonly trust: Trust;
  readonly login: Login;
  readonly found: FoundRuntimes;
  readonly configs: readonly ConfigTarget[];
  readonly open: readonly OpenLogin[];
  /** Token servers that the credential may go to. */
  readonly realms: readonly string[];
  /** The credential may go only to whom the trusted roots vouch for, whatever lies in the tree. */
  readonly isTreeUnheard: boolean;
}

/** Proves trust and login over the network, and asks who can be asked. Changes nothing, and needs no lock. */
export async function prepareEnrolment(
  pass: Pass,
  request: EnrollRequest,
  word: Word,
): Promise<Result<Prepared | Waiting>> {
  const { declaration } = word;
  const { state } = word.records;
  const routed = await findRoute(pass, request, declaration);
  if (!routed.ok) return routed;
  const route = routed.value;
  // programs take their time over their version, as registries do over a certificate and a password
  const probing = probeRuntimes(pass.host, "needed");
  const heard = hearTree(pass, request, declaration, state);
  const trusted = await establishTrust(pass, request, route, heard.declaration, heard.state);
  if (!trusted.ok || trusted.value.kind === "waiting") return trusted as Result<Waiting>;
  const configs = await locateConfigs(pass, declaration, state);
  if (!configs.ok) return configs;
  const open = await findOpenLogins(pass, request, configs.value);
  if (!open.ok) return open;
  const { roots, settle } = trusted.value;
  const context = { declaration: heard.declaration, state, roots, plain: open.value[0]?.login };
  const proved = await proveBoth(
    request,
    async () => establishLogin(pass, request, route, context),
    async () =>
      foresee(pass, request, word, { route, trust: await settle(), found: await probing, configs: configs.value }),
  );
  if (!proved.ok) return proved;
  return success({
    kind: "prepared",
    ...proved.value,
    open: open.value,
    realms: heard.declaration.credentials.realms,
    isTreeUnheard: heard.isTreeUnheard,
  });
}

type Foreseen = Pick<Prepared, "route" | "trust" | "found" | "configs">;

/** What the host itself would have against it is said before anybody is asked for a password. */
async function foresee(pass: Pass, request: EnrollRequest, word: Word, seen: Foreseen): Promise<Result<Foreseen>> {
  // a pass that nobody waits for plans once
  if (request.mustBeDeclared === true) return success(seen);
  const plan = await planFor(pass, request, word, seen, { kept: undefined, storing: undefined, open: [] });
  return plan.ok ? success(seen) : plan;
}

/** The plan for what has been seen, with a login or as far as it goes without. */
export async function planFor(
  pass: Pass,
  { name, replace }: EnrollRequest,
  word: Word,
  { route, trust, found: runtimes, configs }: Foreseen,
  login: Pick<Decided, "kept" | "storing" | "open">,
): Promise<Result<Plan>> {
  const verifiesServed = verifierOf(pass, name, trust.served);
  return makePlan(pass, {
    name,
    word,
    trust,
    client: route.client,
    runtimes,
    configs,
    replace,
    verifiesServed,
    ...login,
  });
}

/** At once, as the registry takes its time over a password; but nothing is told beside a question to a person. */
async function proveBoth(
  request: EnrollRequest,
  logIn: () => Promise<Result<Login>>,
  foresee: () => Promise<Result<Foreseen>>,
): Promise<Result<Foreseen & Pick<Prepared, "login">>> {
  const mayAsk = request.askPassword !== undefined && request.password === undefined;
  const early = mayAsk ? await foresee() : undefined;
  if (early?.ok === false) return early;
  const [login, foreseen] = await Promise.all([logIn(), early ?? foresee()]);
  if (!login.ok) return login;
  return foreseen.ok ? success({ ...foreseen.value, login: login.value }) : foreseen;
}

async function findRoute(pass: Pass, { name }: EnrollRequest, declaration: Declaration): Promise<Result<Route>> {
  const client = await readDeclaredClient(pass.host, declaration);
  const address = name.isAddress ? undefined : declaration.address;
  return client.ok ? success({ name, address, client: client.value }) : client;
}
