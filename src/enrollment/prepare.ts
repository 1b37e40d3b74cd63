import type { ConfigTarget } from "../credentials/docker-config-files.ts";
import type { Route } from "../registry/connection.ts";
import { success, type Result } from "../result.ts";
import { probeRuntimes, type FoundRuntimes } from "../runtimes/probe.ts";
import { readDeclaredClient } from "./client-step.ts";
import { establishLogin, type Login } from "./credential-step.ts";
import type { Declaration } from "./declaration.ts";
import { locateConfigs } from "./managed-configs.ts";
import { findOpenLogins, type OpenLogin } from "./migration.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
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
  { declaration, records: { state } }: Word,
): Promise<Result<Prepared | Waiting>> {
  const routed = await findRoute(pass, request, declaration);
  if (!routed.ok) return routed;
  const route = routed.value;
  const heard = hearTree(pass, request, declaration, state);
  const trust = await establishTrust(pass, request, route, heard.declaration, heard.state);
  if (!trust.ok || trust.value.kind === "waiting") return trust as Result<Waiting>;
  const configs = await locateConfigs(pass, declaration, state);
  if (!configs.ok) return configs;
  const open = await findOpenLogins(pass, request, configs.value);
  if (!open.ok) return open;
  const context = { declaration: heard.declaration, state, trust: trust.value, plain: open.value[0]?.login };
  // a registry takes its time over a password, and programs over their version
  const [login, found] = await Promise.all([
    establishLogin(pass, request, route, context),
    probeRuntimes(pass.host, "needed"),
  ]);
  if (!login.ok) return login;
  return success({
    kind: "prepared",
    route,
    trust: trust.value,
    login: login.value,
    found,
    configs: configs.value,
    open: open.value,
    realms: heard.declaration.credentials.realms,
    isTreeUnheard: heard.isTreeUnheard,
  });
}

async function findRoute(pass: Pass, { name }: EnrollRequest, declaration: Declaration): Promise<Result<Route>> {
  const client = await readDeclaredClient(pass.host, declaration);
  const address = name.isAddress ? undefined : declaration.address;
  return client.ok ? success({ name, address, client: client.value }) : client;
}
