import { whileLocked } from "../apply/locked.ts";
import { detectDefaultStore, locateDockerConfigs, type ConfigTarget } from "../credentials/docker-config-files.ts";
import type { Credential } from "../credentials/vault.ts";
import { problem } from "../findings/problem.ts";
import type { ClientCertificate } from "../registry/client-certificate.ts";
import type { Route } from "../registry/connection.ts";
import { failure, success, type Result } from "../result.ts";
import type { RuntimeWants } from "../runtimes/runtime.ts";
import { renderBundle } from "../trust/bundle.ts";
import type { Certificate } from "../trust/certificate.ts";
import { judgeChain } from "../trust/chain.ts";
import { loadLikeGo } from "../trust/go-pool.ts";
import { parseAnchors } from "./anchors.ts";
import { readDeclaredClient } from "./client-step.ts";
import { establishLogin, type Login } from "./credential-step.ts";
import { declarationPath, overrideDeclaration, type Declaration } from "./declaration.ts";
import { commitPlan, tellNotes } from "./commit.ts";
import { readDeclaration } from "./declared.ts";
import { collectWants, observeRuntimes, pathsOf } from "./observe-runtimes.ts";
import { locateHostsFile, observeHost, observeRecords, type Records } from "./observe.ts";
import { findOpenLogins, listMovable, type OpenLogin } from "./migration.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
import { planEnrollment } from "./plan-enroll.ts";
import { withPrograms } from "./plan-programs.ts";
import type { Plan } from "./plan.ts";
import { hearTree } from "./tree-word.ts";
import { establishTrust, type Trust } from "./trust-step.ts";
import { refuseWaiting } from "./waiting.ts";

/** What an enrolment came to. */
export interface Enrolled {
  readonly declaration: Declaration;
  readonly route: Route;
  readonly plan: Plan;
  readonly anchors: Trust["anchors"];
  readonly roots: readonly Certificate[];
  readonly credential: Credential | undefined;
  /** The registry has just accepted the credential. */
  readonly isProved: boolean;
  /** Token servers that the credential may go to. */
  readonly realms: readonly string[];
  /** The credential may go only to whom `roots` vouch for, whatever lies in the tree. */
  readonly isTreeUnheard: boolean;
}

/**
 * One pass: declare, observe, decide, plan, apply. Trust and login are proved over the network before the first file is
 * touched, so that a refusal leaves the host as it was.
 */
export async function enroll(pass: Pass, request: EnrollRequest): Promise<Result<Enrolled>> {
  const work = () => enrollUnlocked(pass, request);
  // a dry run writes nothing, not even the lock
  return request.dryRun ? work() : whileLocked(pass, request.lockTimeoutMs, pass.watch, work);
}

async function enrollUnlocked(pass: Pass, request: EnrollRequest): Promise<Result<Enrolled>> {
  const prepared = await prepareEnrolment(pass, request);
  if (!prepared.ok) return prepared;
  if (request.dryRun) {
    tellNotes(pass, prepared.value.plan);
    return prepared;
  }
  const committed = await commitPlan(pass, `enroll ${request.name.key}`, prepared.value.plan);
  return committed.ok ? prepared : committed;
}

/** Everything up to the plan: nothing is changed yet, but that a certificate waits for a person's word is put on record. */
async function prepareEnrolment(pass: Pass, request: EnrollRequest): Promise<Result<Enrolled>> {
  const declaration = await declare(pass, request);
  if (!declaration.ok) return declaration;
  const records = await observeRecords(pass.host.files, request.name.key);
  if (!records.ok) return records;
  const { state } = records.value;
  const routed = await findRoute(pass, request, declaration.value);
  if (!routed.ok) return routed;
  const route = routed.value;
  const heard = hearTree(pass, request, declaration.value, state);
  const trust = await establishTrust(pass, request, route, heard.declaration, heard.state);
  if (!trust.ok) return trust;
  if (trust.value.kind === "waiting") return refuseWaiting(pass, request, records.value, trust.value);
  const configs = await locateConfigs(pass, declaration.value);
  if (!configs.ok) return configs;
  const open = await findOpenLogins(pass, request, configs.value);
  if (!open.ok) return open;
  const login = await establishLogin(pass, request, route, {
    declaration: heard.declaration,
    state,
    trust: trust.value,
    plain: open.value[0]?.login,
  });
  if (!login.ok) return login;
  const declared = withUsername(declaration.value, login.value.credential?.username);
  const plan = await makePlan(pass, request, {
    declaration: declared,
    configs: configs.value,
    open: open.value,
    records: records.value,
    trust: trust.value,
    login: login.value,
    client: route.client,
  });
  if (!plan.ok) return plan;
  const { anchors, roots } = trust.value;
  const { credential, isProved } = login.value;
  const { realms } = heard.declaration.credentials;
  return success({
    declaration: declared,
    route,
    plan: plan.value,
    anchors,
    roots,
    credential,
    isProved,
    realms,
    isTreeUnheard: heard.isTreeUnheard,
  });
}

async function findRoute(pass: Pass, { name }: EnrollRequest, declaration: Declaration): Promise<Result<Route>> {
  const client = await readDeclaredClient(pass.host, declaration);
  const address = name.isAddress ? undefined : declaration.address;
  return client.ok ? success({ name, address, client: client.value }) : client;
}

/** A login that was moved out of a Docker config brings its user along. */
function withUsername(declaration: Declaration, username: string | undefined): Declaration {
  if (username === undefined || declaration.credentials.username !== undefined) return declaration;
  return { ...declaration, credentials: { ...declaration.credentials, username } };
}

/** The declaration in the file, with what the command line says put in. */
async function declare(pass: Pass, request: EnrollRequest): Promise<Result<Declaration>> {
  const existing = await readDeclaration(pass.host.files, request.name.key);
  if (!existing.ok) return existing;
  if (existing.value === undefined && request.mustBeDeclared === true)
    return failure(problem("RC-CFG-008", { name: request.name.key, path: declarationPath(request.name.key) }));
  return overrideDeclaration(request.name, existing.value, request.overrides);
}

interface Established {
  readonly declaration: Declaration;
  readonly records: Records;
  readonly trust: Trust;
  readonly login: Login;
  readonly client: ClientCertificate | undefined;
  readonly configs: readonly ConfigTarget[];
  readonly open: readonly OpenLogin[];
}

async function makePlan(pass: Pass, request: EnrollRequest, established: Established): Promise<Result<Plan>> {
  const { declaration, records, trust, login, configs } = established;
  const { host } = pass;
  const hostsPath = await locateHostsFile(host.files);
  const wants = await wantsOf(pass, request, established);
  const more = [hostsPath, ...configs.map((config) => config.path), ...pathsOf(wants)];
  const view = await observeHost(host, request.name, records, more);
  const kept = login.credential;
  const paths = established.open.length === 0 ? [] : listMovable(pass, established.open, kept);
  const plan = planEnrollment({
    name: request.name,
    declaration,
    view,
    state: records.state,
    shared: records.shared,
    owner: { uid: host.caller.uid, gid: host.caller.gid },
    anchors: trust.anchors,
    wants,
    trustRecord: trust.record,
    decisions: trust.decisions,
    credential: login.plan,
    configs,
    defaultStore: await detectDefaultStore(host),
    hostsPath,
    moved: kept && paths.length > 0 ? { login: kept, paths } : undefined,
    replace: request.replace,
    verifiesServed: (bytes) => verifiesServed(pass, request, trust, bytes),
    nowIso: new Date(host.clock.now()).toISOString(),
  });
  return plan.ok ? success(withPrograms(plan.value, host.files.root)) : plan;
}

/** Where the system's CAs vouch for the registry, nothing is installed but a client certificate. */
async function wantsOf(
  { host }: Pass,
  { name }: EnrollRequest,
  { declaration, trust, client, records }: Established,
): Promise<readonly RuntimeWants[]> {
  const { anchors } = trust;
  if (anchors.length === 0 && client === undefined) return [];
  const bundle = anchors.length === 0 ? "" : renderBundle(parseAnchors(anchors));
  const written = (records.state?.files ?? []).map(({ path }) => path);
  return collectWants(host.files, await observeRuntimes(host, name, declaration, { bundle, client, written }));
}

async function locateConfigs(pass: Pass, declaration: Declaration): Promise<Result<readonly ConfigTarget[]>> {
  const { dockerConfig, users } = declaration.credentials;
  return dockerConfig ? locateDockerConfigs(pass.host, users) : success([]);
}

function verifiesServed(pass: Pass, request: EnrollRequest, trust: Trust, bytes: Uint8Array): boolean {
  return judgeChain({
    served: trust.served,
    anchors: loadLikeGo(bytes),
    name: request.name,
    now: pass.host.clock.now(),
  }).ok;
}
