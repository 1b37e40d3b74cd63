import { readDockerConfig } from "../credentials/docker-config.ts";
import type { CredentialPointer, VaultMeans } from "../credentials/vault.ts";
import { linesNaming } from "../hosts/hosts-file.ts";
import type { Entry, ReadFiles } from "../host/ports.ts";
import { runtimeNamed } from "../runtimes/runtimes.ts";
import { HELPER } from "./baseline.ts";
import type { EnrolledRegistry } from "./enrolled.ts";
import { isAsLeft, type Origin } from "./origin.ts";
import type { ManagedEdit } from "./state.ts";

/** How a file stands now, as far as regclient wrote to it. */
export interface InspectedFile {
  readonly path: string;
  readonly state: "as written" | "changed" | "missing" | "unreadable";
}

/** Where the stored login is; another user, or another session, cannot always tell. */
export type InspectedLogin = "stored" | "missing" | "unreadable";

/** Every file that this registry has something in: its own, the hosts file, Docker's configs. */
export async function inspectFiles(files: ReadFiles, enrolled: EnrolledRegistry): Promise<readonly InspectedFile[]> {
  const { state } = enrolled;
  const expected: readonly (readonly [string, (bytes: Uint8Array) => boolean])[] = [
    ...state.files.map((origin) => [origin.path, (bytes: Uint8Array) => isUnchanged(origin, bytes)] as const),
    ...(state.hostsFile === undefined
      ? []
      : [[state.hostsFile, (bytes: Uint8Array) => hasAlias(enrolled, bytes)] as const]),
    ...(state.edits ?? []).map((edit) => [edit.path, (bytes: Uint8Array) => hasLines(enrolled, edit, bytes)] as const),
    ...state.dockerConfigs.map(({ path }) => [path, (bytes: Uint8Array) => hasHelper(enrolled, bytes)] as const),
  ];
  return Promise.all(
    expected.map(async ([path, holds]) => ({ path, state: stateOf(await files.readEntry(path), holds) })),
  );
}

/** Whether the stored login is still where it was put. It is neither opened nor tried. */
export async function inspectLogin(
  { host, keychain }: VaultMeans,
  { vault, item }: CredentialPointer,
): Promise<InspectedLogin> {
  if (vault !== "keychain") {
    const { kind } = await host.files.readEntry(item);
    if (kind === "file") return "stored";
    return kind === "absent" ? "missing" : "unreadable";
  }
  if (host.files.root !== "/") return "unreadable";
  try {
    return (await keychain.read(item, host.signal)) === undefined ? "missing" : "stored";
  } catch {
    return "unreadable";
  }
}

function stateOf(entry: Entry, holds: (bytes: Uint8Array) => boolean): InspectedFile["state"] {
  if (entry.kind === "absent") return "missing";
  if (entry.kind === "unreadable") return "unreadable";
  return entry.kind === "file" && holds(entry.bytes) ? "as written" : "changed";
}

function isUnchanged(origin: Origin, bytes: Uint8Array): boolean {
  return isAsLeft(origin, { bytes, mode: 0, uid: 0, gid: 0 });
}

function hasAlias({ name, declaration }: EnrolledRegistry, bytes: Uint8Array): boolean {
  const ours = linesNaming(Buffer.from(bytes).toString("latin1"), name.host).find((line) => line.owner === name.key);
  return ours !== undefined && (declaration === undefined || ours.address === declaration.address);
}

function hasLines({ name }: EnrolledRegistry, { path, runtime }: ManagedEdit, bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString("utf8");
  const stripped = runtimeNamed(runtime)?.takeOut?.(text, name, path);
  return stripped?.ok === true && stripped.value !== text;
}

function hasHelper({ name }: EnrolledRegistry, bytes: Uint8Array): boolean {
  const config = readDockerConfig(Buffer.from(bytes).toString("utf8"), "");
  return config.ok && name.aliases.every((alias) => config.value.credHelpers[alias] === HELPER);
}
