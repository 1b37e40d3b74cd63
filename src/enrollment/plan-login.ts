import { readDockerConfig, withHelper, withoutPlainLogin } from "../credentials/docker-config.ts";
import type { ConfigTarget } from "../credentials/docker-config-files.ts";
import { CREDENTIALS } from "../credentials/vault.ts";
import { isItemOf } from "../credentials/vaults/keychain-vault.ts";
import { SEALING_KEY } from "../credentials/vaults/sealed-vault.ts";
import { HELPER, withoutAllHelpers } from "./baseline.ts";
import type { Change } from "../change.ts";
import type { Declaration } from "./declaration.ts";
import {
  CREDENTIAL_FILE,
  HELPER_ENTRY,
  draftFile,
  draftSharedFile,
  finishDraft,
  startDraft,
  type Draft,
} from "./draft.ts";
import type { CredentialPlan, EnrollInput, Plan } from "./plan.ts";
import { draftDeclaration, draftRecord } from "./plan-records.ts";
import { originOf, type ManagedConfig, type RegistryState } from "./state.ts";
import { takeBackHelper } from "./take-back.ts";

/** Everything that decides what changing a stored login will change. */
export interface LoginInput extends Pick<EnrollInput, "name" | "view" | "shared" | "owner"> {
  readonly state: RegistryState;
  readonly declaration: Declaration | undefined;
}

/** The changes that put another login in place of the stored one. */
export function planLogin(input: LoginInput, credential: CredentialPlan): Plan {
  const draft = startDraft(input.view, input.shared, input.owner);
  const keychain = draftCredential(draft, input.name.key, credential);
  const files = draftUsername(draft, input, credential.pointer.username);
  draftRecord(draft, { ...input.state, files, credential: credential.pointer });
  return { changes: finishDraft(draft, keychain), notes: draft.notes };
}

/** The changes that remove the stored login; the registry stays trusted. */
export function planLogout(input: LoginInput, { keepHelper }: { readonly keepHelper: boolean }): Plan {
  const draft = startDraft(input.view, input.shared, input.owner);
  const { credential, dockerConfigs, ...rest } = input.state;
  if (!keepHelper) for (const config of dockerConfigs) takeBackHelper(draft, input.name, config);
  const keychain = credential === undefined ? [] : discardCredential(draft, input.name.key, credential);
  const files = draftUsername(draft, input, undefined);
  draftRecord(draft, { ...rest, files, dockerConfigs: keepHelper ? dockerConfigs : [] });
  return { changes: finishDraft(draft, keychain), notes: draft.notes };
}

/** The declaration names the user too: one that has no login stored could not be carried out. */
function draftUsername(draft: Draft, input: LoginInput, username: string | undefined): RegistryState["files"] {
  const { state, declaration, name, view } = input;
  if (declaration === undefined) return state.files;
  const { username: _before, ...credentials } = declaration.credentials;
  const changed = { ...declaration, credentials: { ...credentials, ...(username !== undefined && { username }) } };
  const origin = draftDeclaration(draft, { name, view, state, declaration: changed });
  const others = origin === undefined ? state.files : state.files.filter((each) => each.path !== origin.path);
  return origin === undefined || originOf(state.files, origin.path) === origin ? state.files : [origin, ...others];
}

/** Registers the credential helper in Docker's config files, or takes it back; gives those that have it. */
export function draftConfigs(draft: Draft, input: EnrollInput): readonly ManagedConfig[] {
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
  const found = Buffer.from(current?.bytes ?? []).toString("utf8");
  const isMoved = input.moved?.paths.includes(target.path) === true;
  const text = isMoved && input.moved ? withoutPlainLogin(found, input.name.aliases, input.moved.login) : found;
  const want = { serverNames: input.name.aliases, helper: HELPER, defaultStore: input.defaultStore };
  const after = withHelper(text, want);
  const base = current ?? { mode: 0o600, uid: target.uid, gid: target.gid };
  draft.directoryOwners.set(parentOf(target.path), { mode: 0o700, uid: target.uid, gid: target.gid });
  const image = { mode: base.mode, uid: base.uid, gid: base.gid, bytes: Buffer.from(after) };
  const baseline = () => Buffer.from(withoutAllHelpers(text));
  draftSharedFile(draft, target.path, image, HELPER_ENTRY, baseline, text === found ? undefined : Buffer.from(text));
  const store = storeIn(text) === undefined ? storeIn(after) : undefined;
  if (store !== undefined) draft.addedStores.set(target.path, store);
  return { path: target.path };
}

function storeIn(text: string): string | undefined {
  const config = readDockerConfig(text, "");
  return config.ok ? config.value.credsStore : undefined;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** Puts a login into its vault in place of an older one; gives what is to be done in the keychain. */
export function draftCredential(draft: Draft, key: string, credential: CredentialPlan): readonly Change[] {
  for (const file of credential.files) {
    draftFile(draft, file.path, { bytes: file.bytes, mode: 0o600, ...draft.owner }, CREDENTIAL_FILE);
  }
  const { pointer, keychainSecret, replaces } = credential;
  const isKept = replaces === undefined || replaces.item === pointer.item;
  const discard = isKept ? [] : discardCredential(draft, key, replaces);
  if (keychainSecret === undefined) return discard;
  return [{ kind: "store-secret", item: pointer.item, secret: keychainSecret }, ...discard];
}

/** Takes the login of the registry with this key out of its vault; a keychain item that is not its own stays, with a note. */
export function discardCredential(draft: Draft, key: string, pointer: CredentialPlan["pointer"]): readonly Change[] {
  if (pointer.vault === "keychain") {
    if (isItemOf(key, pointer.item)) return [{ kind: "discard-secret", item: pointer.item }];
    draft.notes.push(`the keychain item "${pointer.item}" is none of ${key}, so it stays`);
    return [];
  }
  draftFile(draft, pointer.item, undefined, CREDENTIAL_FILE);
  if (isLastSealed(draft, pointer)) draftFile(draft, SEALING_KEY, undefined, CREDENTIAL_FILE);
  return [];
}

/** No other login needs the key. */
function isLastSealed(draft: Draft, pointer: CredentialPlan["pointer"]): boolean {
  const directory = draft.view.entry(CREDENTIALS);
  const names = directory.kind === "directory" ? directory.names : [];
  const isOther = (name: string): boolean => name.endsWith(".sealed") && `${CREDENTIALS}/${name}` !== pointer.item;
  return pointer.vault === "sealed" && !names.some(isOther);
}
