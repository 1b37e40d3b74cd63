import type { ConfigTarget } from "../credentials/docker-config-files.ts";
import { readDockerConfig, withHelper } from "../credentials/docker-config.ts";
import type { Secret } from "../credentials/secret.ts";
import { problem, type Problem } from "../findings/problem.ts";
import type { Attributes } from "../host/ports.ts";
import { foreignLines, withAlias, type HostsLine } from "../hosts/hosts-file.ts";
import { isLoopback } from "../registry/address.ts";
import type { RegistryName } from "../registry/name.ts";
import { failure, success, type Result } from "../result.ts";
import { trustStoresFor } from "../runtimes/stores.ts";
import type { TrustFile } from "../runtimes/trust-store.ts";
import { renderDeclaration, declarationPath, type Declaration } from "./declaration.ts";
import type { Change } from "./change.ts";
import { draftFile, draftOwnFile, draftSharedFile, finishDraft, startDraft, type Draft } from "./draft.ts";
import { isAsLeft, recordOrigin, revertToOrigin, type Origin } from "./origin.ts";
import {
  originOf,
  registryStatePath,
  renderState,
  type Anchor,
  type CredentialPointer,
  type ManagedConfig,
  type RegistryState,
  type SharedState,
} from "./state.ts";
import { HELPER, withoutAllAliases, withoutAllHelpers } from "./baseline.ts";
import { takeBackAlias, takeBackHelper } from "./take-back.ts";
import type { HostView } from "./view.ts";

/** A credential on its way into a vault. `files` are already encrypted. */
export interface CredentialPlan {
  readonly pointer: CredentialPointer;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly keychainSecret?: Secret;
  /** A keychain item or sealed file that the new one replaces. */
  readonly replaces?: CredentialPointer;
}

/** Everything that decides what enrolling will change. */
export interface EnrollInput {
  readonly name: RegistryName;
  readonly declaration: Declaration;
  readonly view: HostView;
  readonly state: RegistryState | undefined;
  readonly shared: SharedState;
  readonly owner: Pick<Attributes, "uid" | "gid">;
  /** Empty when the system's CAs vouch for the registry: nothing is installed then. */
  readonly anchors: readonly Anchor[];
  readonly bundle: string;
  readonly credential: CredentialPlan | undefined;
  readonly configs: readonly ConfigTarget[];
  readonly defaultStore: string | undefined;
  /** Hosts file with symbolic links followed. */
  readonly hostsPath: string;
  /** A ca.crt of somebody else may be replaced. */
  readonly replace: boolean;
  /** Whether a foreign ca.crt already makes what is served trusted. */
  readonly verifiesServed: (bytes: Uint8Array) => boolean;
  readonly nowIso: string;
}

/** What will be changed, and what is worth saying about it. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
}

/** The changes from the host as seen to the host as declared. Conflicts with what others wrote are failures. */
export function planEnrollment(input: EnrollInput): Result<Plan> {
  const draft = startDraft(input.view, input.shared, input.owner);
  const conflict = trustConflict(input) ?? unreadable(input) ?? aliasConflict(input);
  if (conflict !== undefined) return failure(conflict);
  const files = [draftDeclaration(draft, input), ...draftTrust(draft, input)].filter((each) => each !== undefined);
  const hostsFile = draftAlias(draft, input);
  const dockerConfigs = draftConfigs(draft, input);
  const keychain = draftCredential(draft, input);
  const credential = input.credential?.pointer ?? input.state?.credential;
  draftRegistryState(draft, input, {
    version: 1,
    registry: input.name.key,
    enrolledAt: input.state?.enrolledAt ?? input.nowIso,
    anchors: [...input.anchors],
    ...(credential && { credential }),
    ...(hostsFile !== undefined && { hostsFile }),
    dockerConfigs: [...dockerConfigs],
    files,
  });
  return success({ changes: finishDraft(draft, keychain), notes: draft.notes });
}

function draftDeclaration(draft: Draft, input: EnrollInput): Origin | undefined {
  const path = declarationPath(input.name.key);
  const before = input.view.file(path);
  const previous = before === undefined ? undefined : Buffer.from(before.bytes).toString("utf8");
  const text = renderDeclaration(input.declaration, previous);
  const kept = originOf(input.state?.files ?? [], path);
  if (text === previous) return kept;
  const after = { ...(before ?? { mode: 0o644, ...draft.owner }), bytes: Buffer.from(text) };
  draftFile(draft, path, after, "declaration");
  // people edit declarations: what regclient itself began stays its own to remove, edited or not
  if (kept !== undefined && kept.before === undefined) return recordOrigin(path, undefined, after.bytes);
  const original = kept && before && isAsLeft(kept, before) ? revertToOrigin(kept, before) : before;
  return recordOrigin(path, original, after.bytes);
}

function trustFiles(input: EnrollInput): readonly TrustFile[] {
  if (input.anchors.length === 0) return [];
  return trustStoresFor(input.declaration.runtimes).flatMap((store) => store.wants(input.name, input.bundle));
}

/** A file at the place of ours: untouched by us so far, other bytes, and of no use for what is served. */
function trustConflict(input: EnrollInput): Problem | undefined {
  for (const file of trustFiles(input)) {
    const entry = input.view.entry(file.path);
    if (entry.kind === "absent" || originOf(input.state?.files ?? [], file.path) !== undefined) continue;
    if (entry.kind === "file" && (input.replace || isKept(input, file))) continue;
    const what = entry.kind === "file" ? "a file that regclient did not write" : `a ${entry.kind}`;
    return problem("RC-TRU-010", { path: file.path, what, name: input.name.key }, [`${file.path} is ${what}`]);
  }
  return undefined;
}

/** A file that regclient has to add lines to, and cannot read: taken for empty, it would be lost. */
function unreadable(input: EnrollInput): Problem | undefined {
  const shared = [...(wantsAlias(input) ? [input.hostsPath] : []), ...input.configs.map((config) => config.path)];
  for (const path of shared) {
    const entry = input.view.entry(path);
    if (entry.kind === "file" || entry.kind === "absent") continue;
    const reason = entry.kind === "unreadable" ? entry.reason : `it is a ${entry.kind}`;
    return problem("RC-CFG-006", { path, reason }, [`${path}: ${reason}`]);
  }
  return undefined;
}

function isKept(input: EnrollInput, file: TrustFile): boolean {
  const current = input.view.file(file.path);
  if (current === undefined || originOf(input.state?.files ?? [], file.path) !== undefined) return false;
  return Buffer.compare(current.bytes, file.bytes) === 0 || (!input.replace && input.verifiesServed(current.bytes));
}

function draftTrust(draft: Draft, input: EnrollInput): readonly Origin[] {
  const origins: Origin[] = [];
  for (const file of trustFiles(input)) {
    if (isKept(input, file)) {
      draft.notes.push(`${file.path} was there before and already makes the registry trusted; it stays as it is`);
      continue;
    }
    const kept = originOf(input.state?.files ?? [], file.path);
    const image = { bytes: file.bytes, mode: file.mode, ...draft.owner };
    origins.push(draftOwnFile(draft, file.path, image, "trusted certificates", kept));
  }
  return origins;
}

function wantsAlias(input: EnrollInput): boolean {
  return input.declaration.hosts && input.declaration.address !== undefined && !input.name.isAddress;
}

function hostsText(input: EnrollInput): string {
  return Buffer.from(input.view.file(input.hostsPath)?.bytes ?? []).toString("latin1");
}

function aliasConflict(input: EnrollInput): Problem | undefined {
  const lines = foreignLines(hostsText(input), input.name.host);
  const loopback = lines.find((line) => isLoopback(line.address));
  const where = (line: HostsLine): string => `${input.hostsPath}:${line.line}: ${line.address} ${line.names.join(" ")}`;
  const facts = { name: input.name.host, address: input.declaration.address ?? "" };
  if (loopback !== undefined) return problem("RC-ALI-002", { ...facts, where: where(loopback) }, [where(loopback)]);
  if (!wantsAlias(input)) return undefined;
  const other = lines.find((line) => line.address !== input.declaration.address);
  return other && problem("RC-ALI-001", { ...facts, where: where(other) }, [where(other)]);
}

function draftAlias(draft: Draft, input: EnrollInput): string | undefined {
  const text = hostsText(input);
  const { address } = input.declaration;
  const isGiven = wantsAlias(input) && foreignLines(text, input.name.host).length > 0;
  if (isGiven) draft.notes.push(`${input.hostsPath} already gives ${input.name.host} the address ${address}`);
  if (isGiven || !wantsAlias(input) || address === undefined) {
    if (input.state?.hostsFile !== undefined) takeBackAlias(draft, input.name, input.state.hostsFile);
    return undefined;
  }
  const current = input.view.file(input.hostsPath);
  const after = withAlias(text, { owner: input.name.key, host: input.name.host, address });
  const image = { ...(current ?? { mode: 0o644, ...draft.owner }), bytes: Buffer.from(after, "latin1") };
  const baseline = () => Buffer.from(withoutAllAliases(text), "latin1");
  draftSharedFile(draft, input.hostsPath, image, "alias", baseline);
  return input.hostsPath;
}

function draftConfigs(draft: Draft, input: EnrollInput): readonly ManagedConfig[] {
  const pointer = input.credential?.pointer ?? input.state?.credential;
  const before = input.state?.dockerConfigs ?? [];
  if (!input.declaration.credentials.dockerConfig) {
    for (const config of before) takeBackHelper(draft, input.name, config);
    return [];
  }
  const managed = new Map(before.map((config) => [config.path, config]));
  if (pointer === undefined) return [...managed.values()];
  for (const target of input.configs) managed.set(target.path, draftConfig(draft, input, target));
  return [...managed.values()];
}

function draftConfig(draft: Draft, input: EnrollInput, target: ConfigTarget): ManagedConfig {
  const current = input.view.file(target.path);
  const text = Buffer.from(current?.bytes ?? []).toString("utf8");
  const want = { serverNames: input.name.aliases, helper: HELPER, defaultStore: input.defaultStore };
  const after = withHelper(text, want);
  const base = current ?? { mode: 0o600, uid: target.uid, gid: target.gid };
  draft.directoryOwners.set(parentOf(target.path), { mode: 0o700, uid: target.uid, gid: target.gid });
  const image = { mode: base.mode, uid: base.uid, gid: base.gid, bytes: Buffer.from(after) };
  draftSharedFile(draft, target.path, image, "credential helper", () => Buffer.from(withoutAllHelpers(text)));
  const before = input.state?.dockerConfigs.find((config) => config.path === target.path);
  const added = before?.addedStore ?? (addsStore(text, after) ? input.defaultStore : undefined);
  return { path: target.path, ...(added !== undefined && { addedStore: added }) };
}

function addsStore(before: string, after: string): boolean {
  return storeIn(before) === undefined && storeIn(after) !== undefined;
}

function storeIn(text: string): string | undefined {
  const config = readDockerConfig(text, "");
  return config.ok ? config.value.credsStore : undefined;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function draftCredential(draft: Draft, input: EnrollInput): readonly Change[] {
  const { credential } = input;
  if (credential === undefined) return [];
  for (const file of credential.files) {
    draftFile(draft, file.path, { bytes: file.bytes, mode: 0o600, ...draft.owner }, "sealed credential");
  }
  const old = credential.replaces;
  if (old?.vault === "sealed" && credential.pointer.vault !== "sealed")
    draftFile(draft, old.item, undefined, "sealed credential");
  const changes: Change[] = [];
  if (credential.keychainSecret !== undefined) {
    changes.push({ kind: "store-secret", item: credential.pointer.item, secret: credential.keychainSecret });
  }
  if (old?.vault === "keychain") changes.push({ kind: "discard-secret", item: old.item });
  return changes;
}

function draftRegistryState(draft: Draft, input: EnrollInput, state: RegistryState): void {
  const image = { bytes: renderState(state), mode: 0o644, ...draft.owner };
  draftFile(draft, registryStatePath(input.name.key), image, "records");
}
