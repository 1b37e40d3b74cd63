import { secret } from "../../src/credentials/secret.ts";
import { SEALING_KEY, sealedPath } from "../../src/credentials/vaults/sealed-vault.ts";
import { overrideDeclaration, parseDeclaration, declarationPath } from "../../src/enrollment/declaration.ts";
import { collectWants, observeRuntimes, pathsOf } from "../../src/enrollment/observe-runtimes.ts";
import { observeHost, observeRecords } from "../../src/enrollment/observe.ts";
import { planEnrollment } from "../../src/enrollment/plan-enroll.ts";
import type { CredentialPlan, EnrollInput, Plan } from "../../src/enrollment/plan.ts";
import { planUnenrollment } from "../../src/enrollment/plan-unenroll.ts";
import { parseRegistryName, type RegistryName } from "../../src/registry/name.ts";
import type { Result } from "../../src/result.ts";
import { makeFakeHost } from "./fake-host.ts";
import type { MemoryWorld } from "./memory-world.ts";
import { valueOf } from "./registry-client.ts";

export const CONFIG = "/root/.docker/config.json";

/** A registry to plan for. */
export interface Planned {
  readonly name: string;
  readonly address?: string;
  readonly vault?: "keychain" | "sealed";
  readonly bundle?: string;
  readonly runtimes?: readonly string[];
}

/** The plan that enrolls a registry on the world as it is; nothing is carried out. */
export async function planEnroll(
  world: MemoryWorld,
  registry: Planned,
  changes: Partial<EnrollInput> & { readonly hosts?: boolean } = {},
): Promise<Result<Plan>> {
  const name = valueOf(parseRegistryName(registry.name));
  const records = valueOf(await observeRecords(world.files, name.key));
  const text = world.read(declarationPath(name.key));
  const existing =
    text === undefined ? undefined : valueOf(parseDeclaration(text, declarationPath(name.key))).declaration;
  const { address, runtimes } = registry;
  const declared = overrideDeclaration(name, existing, { address, hosts: changes.hosts, runtimes });
  const bundle = registry.bundle ?? `certificate of ${name.key}\n`;
  const declaration = valueOf(declared);
  const host = makeFakeHost({ root: "/" });
  const observed = await observeRuntimes({ ...host, files: world.files }, name, declaration, {
    bundle,
    client: undefined,
    written: [],
  });
  const wants = await collectWants(world.files, observed);
  const view = await observeHost(world, name, records, ["/etc/hosts", CONFIG, ...pathsOf(wants)]);
  const stored = records.state?.credential?.vault === registry.vault;
  const credential = registry.vault === undefined || stored ? undefined : credentialPlan(world, name, registry.vault);
  return planEnrollment({
    name,
    declaration,
    view,
    state: records.state,
    shared: records.shared,
    owner: { uid: 0, gid: 0 },
    anchors: [anchorFor(bundle)],
    wants,
    trustRecord: {},
    decisions: records.state === undefined ? [decisionFor(name)] : [],
    credential,
    configs: [{ path: CONFIG, uid: 0, gid: 0 }],
    defaultStore: "secretservice",
    hostsPath: "/etc/hosts",
    moved: undefined,
    replace: false,
    verifiesServed: () => false,
    nowIso: "2026-11-24T00:00:00.000Z",
    ...changes,
  });
}

/** The plan that unenrolls a registry. */
export async function planUnenroll(world: MemoryWorld, registry: Planned): Promise<Plan> {
  const name = valueOf(parseRegistryName(registry.name));
  const records = valueOf(await observeRecords(world.files, name.key));
  if (records.state === undefined) throw new Error(`${name.key} is not enrolled`);
  return planUnenrollment({
    name,
    view: await observeHost(world, name, records, []),
    state: records.state,
    shared: records.shared,
    owner: { uid: 0, gid: 0 },
    isLast: records.enrolled.every((key) => key === name.key),
    vaultFiles: [SEALING_KEY],
  });
}

/** Plans and carries out. */
export async function enrollIn(
  world: MemoryWorld,
  registry: Planned,
  changes: Parameters<typeof planEnroll>[2] = {},
): Promise<Plan> {
  const plan = valueOf(await planEnroll(world, registry, changes));
  world.apply(plan.changes);
  return plan;
}

/** Plans and carries out. */
export async function unenrollIn(world: MemoryWorld, registry: Planned): Promise<Plan> {
  const plan = await planUnenroll(world, registry);
  world.apply(plan.changes);
  return plan;
}

function anchorFor(pem: string): EnrollInput["anchors"][number] {
  return { fingerprint: "sha256:00", pem, reason: "fingerprint", evidence: "x", since: "2026-11-24", by: "tester" };
}

function decisionFor({ key }: RegistryName): EnrollInput["decisions"][number] {
  const [when, who, reason, evidence] = ["2026-11-24", "tester", "fingerprint", "x"];
  return { when, who, registry: key, what: "trusted", fingerprint: "sha256:00", reason, evidence };
}

function credentialPlan(world: MemoryWorld, name: RegistryName, vault: "keychain" | "sealed"): CredentialPlan {
  const username = "xl";
  if (vault === "keychain") {
    const item = `${name.key} ${username}`;
    return { pointer: { vault, item, username }, files: [], keychainSecret: secret("x") };
  }
  const path = sealedPath(name.key);
  const key = world.read(SEALING_KEY) ?? "the key";
  const files = [
    { path: SEALING_KEY, bytes: Buffer.from(key) },
    { path, bytes: Buffer.from(`sealed for ${name.key}`) },
  ];
  return { pointer: { vault, item: path, username }, files };
}
