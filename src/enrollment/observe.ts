import { registryRecordPath, REGISTRY_RECORDS, verificationRecordPath } from "./record-paths.ts";
import { SEALING_KEY, sealedPath } from "../credentials/vaults/sealed-vault.ts";
import { systemdPath } from "../credentials/vaults/systemd-vault.ts";
import type { Entry, Host, ReadFiles } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import { success, type Result } from "../result.ts";
import { DECLARATIONS, declarationPath } from "./declaration.ts";
import { readRegistryState, readSharedState, statePaths, type RegistryState, type SharedState } from "./state.ts";
import { ancestorsOf } from "../change.ts";
import { viewOf, type HostView } from "./view.ts";

const HOSTS = "/etc/hosts";

/** What regclient remembers of one registry and of the host. */
export interface Records {
  readonly state: RegistryState | undefined;
  readonly shared: SharedState;
  /** Keys of all registries that are enrolled. */
  readonly enrolled: readonly string[];
}

/** Reads the records. A damaged one is a Problem. */
export async function observeRecords(files: ReadFiles, key: string): Promise<Result<Records>> {
  const path = registryRecordPath(key);
  const state = readRegistryState(await files.readEntry(path), path);
  if (!state.ok) return state;
  const shared = readSharedState(await files.readEntry(statePaths.shared));
  if (!shared.ok) return shared;
  return success({ state: state.value, shared: shared.value, enrolled: await listEnrolled(files) });
}

/** Keys of the registries that this host is enrolled with. */
export async function listEnrolled(files: ReadFiles): Promise<readonly string[]> {
  return namesIn(await files.readEntry(REGISTRY_RECORDS), ".json");
}

/** Keys of the registries that are declared, enrolled or not. */
export async function listDeclared(files: ReadFiles): Promise<readonly string[]> {
  return namesIn(await files.readEntry(DECLARATIONS), ".yaml");
}

/** The hosts file, with symbolic links followed: the link stays, what it leads to is edited. */
export async function locateHostsFile(files: ReadFiles): Promise<string> {
  return files.resolveLinks(HOSTS);
}

/** Everything that enrolling or unenrolling this registry may touch, `more` with it, and all directories above. */
export async function observeHost(
  host: Pick<Host, "files">,
  name: RegistryName,
  records: Records,
  more: readonly string[],
): Promise<HostView> {
  const { state, shared } = records;
  const remembered = [
    ...(state?.files ?? []).map((origin) => origin.path),
    ...(state?.dockerConfigs ?? []).map((config) => config.path),
    ...(state?.edits ?? []).map((edit) => edit.path),
    ...(state?.hostsFile === undefined ? [] : [state.hostsFile]),
    ...(state?.credential === undefined || state.credential.vault === "keychain" ? [] : [state.credential.item]),
    ...shared.files.map((origin) => origin.path),
  ];
  const ownRecords = [registryRecordPath(name.key), verificationRecordPath(name.key)];
  const own = [declarationPath(name.key), ...ownRecords, statePaths.shared, statePaths.decisions];
  const vault = [SEALING_KEY, sealedPath(name.key), systemdPath(name.key)];
  return observePaths(host.files, [...remembered, ...own, ...vault, ...shared.directories, ...more]);
}

/** A view of the paths and of all directories above them. */
async function observePaths(files: ReadFiles, paths: readonly string[]): Promise<HostView> {
  const all = new Set(paths.flatMap((path) => [path, ...ancestorsOf(path)]));
  const entries = await Promise.all(
    [...all].map(async (path): Promise<[string, Entry]> => [path, await files.readEntry(path)]),
  );
  return viewOf(new Map(entries));
}

function namesIn(entry: Entry, ending: string): readonly string[] {
  if (entry.kind !== "directory") return [];
  return entry.names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
}
