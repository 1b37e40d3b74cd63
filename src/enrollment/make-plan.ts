import { detectDefaultStore, type ConfigTarget } from "../credentials/docker-config-files.ts";
import type { Credential } from "../credentials/vault.ts";
import type { ClientCertificate } from "../registry/client-certificate.ts";
import type { RegistryName } from "../registry/name.ts";
import { success, type Result } from "../result.ts";
import type { FoundRuntimes } from "../runtimes/probe.ts";
import type { RuntimeWants } from "../runtimes/runtime.ts";
import { renderBundle } from "../trust/bundle.ts";
import type { Certificate } from "../trust/certificate.ts";
import { judgeChain } from "../trust/chain.ts";
import { loadLikeGo } from "../trust/go-pool.ts";
import { parseAnchors } from "./anchors.ts";
import { listMovable, type OpenLogin } from "./migration.ts";
import { collectWants, observeRuntimes, pathsOf } from "./observe-runtimes.ts";
import { locateHostsFile, observeHost } from "./observe.ts";
import type { Pass } from "./pass.ts";
import { planEnrollment } from "./plan-enroll.ts";
import { withPrograms } from "./plan-programs.ts";
import type { CredentialPlan, Plan } from "./plan.ts";
import type { SettledTrust } from "./trust-record.ts";
import type { Word } from "./word.ts";

/** All that has been decided: what remains is to compare it with the host. */
export interface Decided {
  readonly name: RegistryName;
  readonly word: Word;
  readonly trust: SettledTrust;
  readonly client: ClientCertificate | undefined;
  /** What looking for runtimes has found already. */
  readonly runtimes?: FoundRuntimes;
  readonly configs: readonly ConfigTarget[];
  /** The login, and what storing it takes where it is not stored. */
  readonly kept: Credential | undefined;
  readonly storing: CredentialPlan | undefined;
  /** Found in Docker's config files, to be moved into the vault. */
  readonly open: readonly OpenLogin[];
  readonly replace: boolean;
  readonly verifiesServed: (bytes: Uint8Array) => boolean;
}

/** Looks at the host, and plans what makes it as decided. The lock must be held if the plan is to be carried out. */
export async function makePlan(pass: Pass, decided: Decided): Promise<Result<Plan>> {
  const { host } = pass;
  const { name, word, trust, kept, open, configs } = decided;
  const hostsPath = await locateHostsFile(host.files);
  const wants = await wantsOf(pass, decided);
  const more = [hostsPath, ...configs.map((config) => config.path), ...pathsOf(wants)];
  const view = await observeHost(host, name, word.records, more);
  const paths = open.length === 0 ? [] : await listMovable(pass, name.aliases, open, kept);
  const plan = planEnrollment({
    name,
    declaration: word.declaration,
    view,
    state: word.records.state,
    shared: word.records.shared,
    owner: { uid: host.caller.uid, gid: host.caller.gid },
    anchors: trust.anchors,
    wants,
    trustRecord: trust.record,
    decisions: trust.decisions,
    credential: decided.storing,
    configs,
    defaultStore: await detectDefaultStore(host),
    hostsPath,
    moved: kept && paths.length > 0 ? { login: kept, paths } : undefined,
    replace: decided.replace,
    verifiesServed: decided.verifiesServed,
    nowIso: new Date(host.clock.now()).toISOString(),
  });
  return plan.ok ? success(withPrograms(plan.value, host.files.root)) : plan;
}

/** Where the system's CAs vouch for the registry, nothing is installed but a client certificate. */
async function wantsOf(
  { host }: Pass,
  { name, word, trust, client, runtimes: found }: Decided,
): Promise<readonly RuntimeWants[]> {
  const { anchors } = trust;
  if (anchors.length === 0 && client === undefined) return [];
  const bundle = anchors.length === 0 ? "" : renderBundle(parseAnchors(anchors));
  const written = (word.records.state?.files ?? []).map(({ path }) => path);
  return collectWants(
    host.files,
    await observeRuntimes(host, name, word.declaration, { bundle, client, written, found }),
  );
}

/** Tells whether anchors in a file, read as Go reads it, verify what is served. */
export function verifierOf(
  { host }: Pass,
  name: RegistryName,
  served: readonly Certificate[],
): Decided["verifiesServed"] {
  return (bytes) => judgeChain({ served, anchors: loadLikeGo(bytes), name, now: host.clock.now() }).ok;
}
