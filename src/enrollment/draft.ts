import { CREDENTIALS } from "../credentials/vault.ts";
import type { Attributes } from "../host/ports.ts";
import { sameImage, type Change, type DirectoryChange, type FileChange, type FileImage } from "../change.ts";
import { forgetBytes, isAsLeft, recordOrigin, revertToOrigin, type Origin } from "./origin.ts";
import { renderState, statePaths, type SharedState } from "./state.ts";
import { ancestorsOf } from "../change.ts";
import type { HostView } from "./view.ts";

/** A plan while it is being made: the files as they are to be, and the records of how they were. */
export interface Draft {
  readonly view: HostView;
  /** Owner of what regclient makes for itself. */
  readonly owner: Pick<Attributes, "uid" | "gid">;
  readonly files: Map<string, FileChange>;
  /** Owners of directories to be made, where they are not regclient's own. */
  readonly directoryOwners: Map<string, Attributes>;
  readonly sharedOrigins: Map<string, Origin>;
  readonly madeDirectories: Set<string>;
  /** Default stores that regclient wrote down, by the Docker config's path. */
  readonly addedStores: Map<string, string>;
  readonly removedDirectories: string[];
  readonly notes: string[];
}

/** Purpose of the encrypted files of vaults. */
export const CREDENTIAL_FILE = "encrypted login";
/** Purpose of what runtimes trust. */
export const CERTIFICATE_FILE = "trusted certificates";
/** Purpose of what runtimes show to a registry that asks its clients for a certificate. */
export const CLIENT_CERTIFICATE_FILE = "client certificate";
/** Purpose of the private key that goes with it: never shown. */
export const CLIENT_KEY_FILE = "client key";
/** Purpose of an entry in a Docker config. */
export const HELPER_ENTRY = "credential helper";

/** Purpose of what a runtime reads beside them: shown to people as it stands. */
export const RUNTIME_CONFIG = "runtime configuration";

/** What a file of a runtime is for. Of anything that is no configuration, only certificates are shown. */
export function runtimePurpose(path: string): string {
  if (/\.(?:toml|yaml|json|conf)$/.test(path)) return RUNTIME_CONFIG;
  if (path.endsWith(".key")) return CLIENT_KEY_FILE;
  return path.endsWith(".cert") ? CLIENT_CERTIFICATE_FILE : CERTIFICATE_FILE;
}

/** An empty draft over what was seen. */
export function startDraft(view: HostView, shared: SharedState, owner: Pick<Attributes, "uid" | "gid">): Draft {
  return {
    view,
    owner,
    files: new Map(),
    directoryOwners: new Map(),
    sharedOrigins: new Map(shared.files.map((origin) => [origin.path, origin])),
    madeDirectories: new Set(shared.directories),
    addedStores: new Map(Object.entries(shared.stores)),
    removedDirectories: [],
    notes: [],
  };
}

/** Puts a file on the draft; the same file as before is no change. */
export function draftFile(draft: Draft, path: string, after: FileImage | undefined, purpose: string): void {
  const before = draft.view.file(path);
  if (sameImage(before, after)) return;
  const internal = path.startsWith(`${statePaths.root}/`);
  draft.files.set(path, { kind: "file", path, before, after, purpose, internal });
}

/**
 * Puts a file that belongs to one registry on the draft and gives its origin: the one already kept, brought up to date,
 * or a new one.
 */
export function draftOwnFile(draft: Draft, path: string, after: FileImage, purpose: string, kept?: Origin): Origin {
  const before = draft.view.file(path);
  draftFile(draft, path, after, purpose);
  if (kept === undefined) return recordOrigin(path, before, after.bytes);
  if (before !== undefined && isAsLeft(kept, before))
    return recordOrigin(path, revertToOrigin(kept, before), after.bytes);
  if (before !== undefined) draft.notes.push(`${path} had been changed by something else; put right`);
  // what stood there before regclient stays on record: not what came between, which may hold our own lines
  return isAsLeft(kept, after) ? kept : recordOrigin(path, kept.before && before, after.bytes);
}

/**
 * Puts a file that several registries have lines in on the draft. `baseline` is the current text without any of them;
 * `scrubbed`, where something is taken out for good, the text without that.
 */
export function draftSharedFile(
  draft: Draft,
  path: string,
  after: FileImage,
  purpose: string,
  baseline: () => Uint8Array,
  scrubbed?: Uint8Array,
): void {
  const before = draft.view.file(path);
  const kept = draft.sharedOrigins.get(path);
  if (sameImage(before, after)) return;
  draftFile(draft, path, after, purpose);
  const origin = sharedOrigin(path, scrub(before, scrubbed), kept, after.bytes, baseline);
  draft.sharedOrigins.set(path, purpose === RUNTIME_CONFIG ? withoutSecrets(origin, before) : origin);
}

/**
 * Everybody can read the records. What lies between the lines of two registries would get there: of a file that not
 * everybody may read it is left out, and our lines are taken out by what they say.
 */
function withoutSecrets(origin: Origin, before: FileImage | undefined): Origin {
  const isOpen = before === undefined || (before.mode & 0o004) !== 0;
  return isOpen || Buffer.from(origin.patch.removed, "base64").toString("latin1").trim() === ""
    ? origin
    : forgetBytes(origin);
}

/** What must not come back, and not be written down a second time, is left out of the record of how a file was. */
function scrub(before: FileImage | undefined, scrubbed: Uint8Array | undefined): FileImage | undefined {
  return before === undefined || scrubbed === undefined ? before : { ...before, bytes: scrubbed };
}

/** Takes a registry's lines out of a shared file; with the last of them, the file is again exactly as it was. */
export function undraftSharedFile(
  draft: Draft,
  path: string,
  stripped: Uint8Array,
  use: { readonly stillUsed: boolean; readonly isEmpty: boolean; readonly baseline: () => Uint8Array },
  purpose: string,
): void {
  const before = draft.view.file(path);
  const kept = draft.sharedOrigins.get(path);
  if (before === undefined) return void draft.sharedOrigins.delete(path);
  const image = { ...before, bytes: stripped };
  if (use.stillUsed) {
    draftSharedFile(draft, path, image, purpose, use.baseline);
    return;
  }
  draft.sharedOrigins.delete(path);
  if (kept !== undefined && isAsLeft(kept, before)) draftFile(draft, path, revertToOrigin(kept, before), purpose);
  else draftFile(draft, path, use.isEmpty && kept?.before === undefined ? undefined : image, purpose);
}

/** Takes back a file that belongs to one registry; one that somebody has changed since is left, with a note. */
export function undraftOwnFile(draft: Draft, origin: Origin, purpose: string): void {
  const before = draft.view.file(origin.path);
  if (before === undefined) return;
  if (isAsLeft(origin, before)) draftFile(draft, origin.path, revertToOrigin(origin, before), purpose);
  else draft.notes.push(`${origin.path} was changed after regclient wrote it, so it stays as it is`);
}

/** Gives the directories that have to be made for a file to its owner, where that is somebody else. */
export function ownDirectories(draft: Draft, path: string, owner: Pick<Attributes, "uid" | "gid"> | undefined): void {
  if (owner === undefined) return;
  for (const directory of ancestorsOf(path)) {
    if (draft.view.entry(directory).kind === "absent") draft.directoryOwners.set(directory, { mode: 0o755, ...owner });
  }
}

/** The finished list: directories to make, files, keychain, directories to remove. */
export function finishDraft(
  draft: Draft,
  keychain: readonly Change[],
  options = { forgetDirectories: false },
): readonly Change[] {
  // the parents of the shared state file are found first: it lists the directories that are made
  const make = missingDirectories(draft, [...draft.files.values(), ...sharedFileNeeded(draft)]);
  const emptied = emptiedDirectories(draft);
  // what others have put something into is theirs from now on
  if (options.forgetDirectories) draft.madeDirectories.clear();
  draftSharedState(draft);
  const remove = options.forgetDirectories ? emptiedDirectories(draft, emptied) : emptied;
  return [
    ...make,
    ...keychain.filter(isStore),
    ...draft.files.values(),
    ...keychain.filter((each) => !isStore(each)),
    ...remove,
  ];
}

function isStore(change: Change): boolean {
  return change.kind === "store-secret";
}

function sharedOrigin(
  path: string,
  before: FileImage | undefined,
  kept: Origin | undefined,
  after: Uint8Array,
  baseline: () => Uint8Array,
): Origin {
  if (before === undefined || kept === undefined) return recordOrigin(path, before, after);
  if (isAsLeft(kept, before)) return recordOrigin(path, revertToOrigin(kept, before), after);
  if (Buffer.compare(baseline(), before.bytes) === 0) return recordOrigin(path, before, after);
  return forgetBytes(kept);
}

/** A stand-in with the path of the shared state, when it will be written. */
function sharedFileNeeded(draft: Draft): readonly Pick<FileChange, "path" | "after">[] {
  const wanted = draft.sharedOrigins.size > 0 || draft.madeDirectories.size > 0;
  return wanted ? [{ path: statePaths.shared, after: undefined }] : [];
}

function missingDirectories(
  draft: Draft,
  files: readonly Pick<FileChange, "path" | "after">[],
): readonly DirectoryChange[] {
  const missing = new Set<string>();
  for (const file of files) {
    if (file.after === undefined) continue;
    for (const path of ancestorsOf(file.path)) {
      if (draft.view.entry(path).kind === "absent") missing.add(path);
    }
  }
  const made = [...missing].sort().filter((path) => path !== statePaths.root && !isAbove(path, statePaths.root));
  for (const path of made) if (!isInternal(path)) draft.madeDirectories.add(path);
  return made.map((path) => ({
    kind: "make-directory",
    path,
    internal: isInternal(path),
    ...attributesFor(draft, path),
  }));
}

/** The journal makes the way to its own directory. */
function isAbove(path: string, inner: string): boolean {
  return inner.startsWith(`${path}/`);
}

function isInternal(path: string): boolean {
  return path === statePaths.root || path.startsWith(`${statePaths.root}/`);
}

function attributesFor(draft: Draft, path: string): Attributes {
  return draft.directoryOwners.get(path) ?? { mode: path.endsWith("/credentials") ? 0o700 : 0o755, ...draft.owner };
}

/** Deepest first, each with nothing left in it once the draft is carried out. */
function emptiedDirectories(draft: Draft, found: readonly DirectoryChange[] = []): readonly DirectoryChange[] {
  const gone = new Set([...draft.files.values()].filter((file) => file.after === undefined).map((file) => file.path));
  const kept = new Set([...draft.files.values()].filter((file) => file.after !== undefined).map((file) => file.path));
  const candidates = [...draft.madeDirectories, ...internalDirectoriesOf(gone), ...found.map((each) => each.path)];
  const removed: DirectoryChange[] = [];
  for (const path of [...new Set(candidates)].sort().reverse()) {
    const entry = draft.view.entry(path);
    if (entry.kind !== "directory") continue;
    const isEmptied = entry.names.every((name) => gone.has(`${path}/${name}`));
    if (!isEmptied || [...kept].some((file) => isAbove(path, file))) continue;
    gone.add(path);
    draft.madeDirectories.delete(path);
    const { mode, uid, gid } = entry;
    removed.push({ kind: "remove-directory", path, internal: isInternal(path), mode, uid, gid });
  }
  return removed;
}

function internalDirectoriesOf(gone: ReadonlySet<string>): readonly string[] {
  const parents = [...gone].map((path) => ancestorsOf(path)[0] ?? "/");
  // the credentials' own directory is empty too where somebody else has removed what lay in it
  return [...new Set([...parents, CREDENTIALS])].filter((path) => path.startsWith(`${statePaths.root}/`));
}

function draftSharedState(draft: Draft): void {
  const files = [...draft.sharedOrigins.values()].sort((one, other) => one.path.localeCompare(other.path));
  const directories = [...draft.madeDirectories].sort();
  const needed = files.length > 0 || directories.length > 0;
  const bytes = renderState({ version: 1, files, directories, stores: Object.fromEntries(draft.addedStores) });
  draftFile(draft, statePaths.shared, needed ? { bytes, mode: 0o644, ...draft.owner } : undefined, "records");
}
