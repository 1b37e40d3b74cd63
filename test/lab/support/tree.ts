import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";

/** What differs between two trees, paths in order. */
export interface TreeDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Folders of a host that are mounts of their own and persistent. */
const OWN_FOLDERS = ["/root"];
const VOLATILE = new Set(["/run", "/tmp", "/proc", "/sys", "/dev", "/var/lib/docker", "/var/lib/containerd"]);
const NOTHING = "absent";

/**
 * Every persistent path of the host held by `holderPid` that is not just as on the machine below it: path to a
 * digest-like text of type, mode, owner and bytes or link target; `absent` for what the host has removed.
 * Files put back exactly as they were do not appear. Times do not count.
 */
export function hashTree(holderPid: number): ReadonlyMap<string, string> {
  const view: View = { merged: `/proc/${holderPid}/root`, upper: `/proc/${holderPid}/root/run/lab/upper` };
  const tree = new Map<string, string>();
  collectUpper(view, "", tree);
  for (const folder of OWN_FOLDERS) collectAll(view, folder, tree);
  const hosts = "/etc/hosts";
  // Read again in case it is a mount of its own.
  if (entryOf(view.merged + hosts) !== undefined) tree.set(hosts, describe(view.merged + hosts));
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Compares two trees of the same host. */
export function diffTrees(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): TreeDiff {
  const pairs = [...new Set([...before.keys(), ...after.keys()])].sort().map((path) => ({
    path,
    old: before.get(path) ?? describeBelow(path),
    now: after.get(path) ?? describeBelow(path),
  }));
  const paths = (wanted: (old: string, now: string) => boolean): string[] =>
    pairs.filter(({ old, now }) => wanted(old, now)).map(({ path }) => path);
  return {
    added: paths((old, now) => old === NOTHING && now !== NOTHING),
    removed: paths((old, now) => old !== NOTHING && now === NOTHING),
    changed: paths((old, now) => old !== NOTHING && now !== NOTHING && old !== now),
  };
}

/** What a tree that does not hold `path` means by that. */
function describeBelow(path: string): string {
  const isOwn = OWN_FOLDERS.some((folder) => path === folder || path.startsWith(`${folder}/`));
  return isOwn || entryOf(path) === undefined ? NOTHING : describe(path);
}

interface View {
  /** The host's root, as it sees it. */
  readonly merged: string;
  /** The overlay's upper layer: what the host itself has written. */
  readonly upper: string;
}

/** Walks what the host has written; for the rest the machine's file is the host's. */
function collectUpper(view: View, path: string, tree: Map<string, string>): void {
  const seen = new Set(readdirSync(view.merged + (path || "/")));
  for (const name of namesIn(path || "/")) if (!seen.has(name)) note(tree, join(path || "/", name), NOTHING);
  for (const name of readdirSync(view.upper + (path || "/"))) {
    const child = join(path || "/", name);
    if (VOLATILE.has(child) || OWN_FOLDERS.includes(child)) continue;
    const own = entryOf(view.merged + child);
    if (own === undefined) continue;
    const mine = describe(view.merged + child);
    const below = entryOf(child);
    if (below === undefined || describe(child) !== mine) note(tree, child, mine);
    if (!own.isDirectory()) continue;
    if (below?.isDirectory() === true) collectUpper(view, child, tree);
    else collectAll(view, child, tree, false);
  }
}

function collectAll(view: View, path: string, tree: Map<string, string>, withSelf = true): void {
  if (withSelf) note(tree, path, describe(view.merged + path));
  for (const name of readdirSync(view.merged + path)) {
    const child = join(path, name);
    if (VOLATILE.has(child)) continue;
    note(tree, child, describe(view.merged + child));
    if (lstatSync(view.merged + child).isDirectory()) collectAll(view, child, tree, false);
  }
}

function note(tree: Map<string, string>, path: string, hash: string): void {
  if (!VOLATILE.has(path)) tree.set(path, hash);
}

function describe(path: string): string {
  const entry = lstatSync(path);
  const owner = `${(entry.mode & 0o7777).toString(8)} ${entry.uid}:${entry.gid}`;
  if (entry.isSymbolicLink()) return `link ${owner} ${readlinkSync(path)}`;
  if (entry.isDirectory()) return `folder ${owner}`;
  if (entry.isFile()) return `file ${owner} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
  return `other ${owner} ${entry.mode & 0o170000} ${entry.rdev}`;
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function entryOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
