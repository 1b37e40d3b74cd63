import { randomBytes } from "node:crypto";
import { applyChanges } from "../apply/transaction.ts";
import { whileLocked } from "../apply/locked.ts";
import { detectDefaultStore, locateDockerConfigs, type ConfigTarget } from "../credentials/docker-config-files.ts";
import { readDockerConfig } from "../credentials/docker-config.ts";
import type { Credential } from "../credentials/vault.ts";
import { problem } from "../findings/problem.ts";
import type { Route } from "../registry/connection.ts";
import { failure, success, type Result } from "../result.ts";
import { renderBundle } from "../trust/bundle.ts";
import type { Certificate } from "../trust/certificate.ts";
import { judgeChain } from "../trust/chain.ts";
import { loadLikeGo } from "../trust/go-pool.ts";
import { parseAnchors } from "./anchors.ts";
import { establishLogin, type Login } from "./credential-step.ts";
import { declarationPath, overrideDeclaration, parseDeclaration, type Declaration } from "./declaration.ts";
import { locateHostsFile, observeHost, observeRecords, type Records } from "./observe.ts";
import { decideMigration } from "./migration.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
import { planEnrollment } from "./plan-enroll.ts";
import type { Plan } from "./plan.ts";
import type { HostView } from "./view.ts";
import { establishTrust, type Trust } from "./trust-step.ts";

/** What an enrolment came to. */
export interface Enrolled {
  readonly declaration: Declaration;
  readonly route: Route;
  readonly plan: Plan;
  /** False for --dry-run. */
  readonly applied: boolean;
  readonly anchors: Trust["anchors"];
  readonly roots: readonly Certificate[];
  readonly credential: Credential | undefined;
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
  const declaration = await declare(pass, request);
  if (!declaration.ok) return declaration;
  const records = await observeRecords(pass.host.files, request.name.key);
  if (!records.ok) return records;
  const { state } = records.value;
  const address = declaration.value.address;
  const route: Route = { name: request.name, address: request.name.isAddress ? undefined : address };
  const trust = await establishTrust(pass, request, route, declaration.value, state);
  if (!trust.ok) return trust;
  const migration = await decideMigration(pass, request, declaration.value);
  if (!migration.ok) return migration;
  const login = await establishLogin(pass, request, route, {
    declaration: declaration.value,
    state,
    trust: trust.value,
    plain: migration.value.login,
  });
  if (!login.ok) return login;
  const declared = withUsername(declaration.value, login.value.credential?.username);
  const plan = await makePlan(pass, request, {
    declaration: declared,
    migrate: migration.value.migrate,
    records: records.value,
    trust: trust.value,
    login: login.value,
  });
  if (!plan.ok) return plan;
  for (const note of plan.value.notes) pass.watch.note(note);
  const { anchors, roots } = trust.value;
  const { credential } = login.value;
  const outcome = { declaration: declared, route, plan: plan.value, anchors, roots, credential };
  if (request.dryRun) return success({ ...outcome, applied: false });
  if (plan.value.changes.length > 0) pass.watch.begin("changing the host, all or nothing");
  const id = randomBytes(6).toString("hex");
  const applied = await applyChanges(pass, `enroll ${request.name.key}`, id, plan.value.changes);
  if (!applied.ok) return applied;
  for (const left of applied.value) pass.watch.note(`left over: ${left}`);
  return success({ ...outcome, applied: true });
}

/** A login that was moved out of a Docker config brings its user along. */
function withUsername(declaration: Declaration, username: string | undefined): Declaration {
  if (username === undefined || declaration.credentials.username !== undefined) return declaration;
  return { ...declaration, credentials: { ...declaration.credentials, username } };
}

/** The declaration in the file, with what the command line says put in. */
async function declare(pass: Pass, request: EnrollRequest): Promise<Result<Declaration>> {
  const path = declarationPath(request.name.key);
  const entry = await pass.host.files.readEntry(path);
  const text = entry.kind === "file" ? Buffer.from(entry.bytes).toString("utf8") : undefined;
  const existing = text === undefined ? success(undefined) : parseDeclaration(text, path);
  if (!existing.ok) return existing;
  if (existing.value === undefined && request.mustBeDeclared === true)
    return failure(problem("RC-CFG-008", { name: request.name.key, path }, [path]));
  return overrideDeclaration(request.name, existing.value?.declaration, request.overrides);
}

interface Established {
  readonly declaration: Declaration;
  readonly records: Records;
  readonly trust: Trust;
  readonly login: Login;
  readonly migrate: boolean;
}

async function makePlan(pass: Pass, request: EnrollRequest, established: Established): Promise<Result<Plan>> {
  const { declaration, records, trust, login, migrate } = established;
  const { host } = pass;
  const { dockerConfig, users } = declaration.credentials;
  const configs = dockerConfig ? await locateDockerConfigs(host, users) : success([]);
  if (!configs.ok) return configs;
  const hostsPath = await locateHostsFile(host.files);
  const view = await observeHost(host, request.name, records, [
    hostsPath,
    ...configs.value.map((config) => config.path),
  ]);
  const unreadable = refuseUnreadable(view, configs.value);
  if (unreadable !== undefined) return unreadable;
  return planEnrollment({
    name: request.name,
    declaration,
    view,
    state: records.state,
    shared: records.shared,
    owner: { uid: host.caller.uid, gid: host.caller.gid },
    anchors: trust.anchors,
    bundle: renderBundle(parseAnchors(trust.anchors)),
    credential: login.plan,
    configs: configs.value,
    defaultStore: await detectDefaultStore(host),
    hostsPath,
    migrate,
    replace: request.replace,
    verifiesServed: (bytes) => verifiesServed(pass, request, trust, bytes),
    nowIso: new Date(host.clock.now()).toISOString(),
  });
}

function refuseUnreadable(view: HostView, configs: readonly ConfigTarget[]): ReturnType<typeof failure> | undefined {
  for (const { path } of configs) {
    const file = view.file(path);
    const read = file === undefined ? undefined : readDockerConfig(Buffer.from(file.bytes).toString("utf8"), path);
    if (read !== undefined && !read.ok) return read;
  }
  return undefined;
}

function verifiesServed(pass: Pass, request: EnrollRequest, trust: Trust, bytes: Uint8Array): boolean {
  return judgeChain({
    served: trust.served,
    anchors: loadLikeGo(bytes),
    name: request.name,
    now: pass.host.clock.now(),
  }).ok;
}
