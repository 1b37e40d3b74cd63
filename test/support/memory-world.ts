import { posix } from "node:path";
import { sameImage, type Change, type FileImage } from "../../src/change.ts";
import { statePaths } from "../../src/enrollment/state.ts";
import type { Attributes, Entry, ReadFiles } from "../../src/host/ports.ts";

type Node = { readonly bytes?: Uint8Array } & Attributes;

/** A tree of files in memory, changed only as a plan says. */
export interface MemoryWorld {
  readonly files: ReadFiles;
  /** Keychain items. */
  readonly items: Set<string>;
  read(path: string): string | undefined;
  /** Somebody else writes a file; missing directories are made. */
  write(path: string, text: string): void;
  remove(path: string): void;
  /** Carries out a plan; a plan that does not fit the tree throws. */
  apply(changes: readonly Change[]): void;
  /** Everything in the tree, as comparable text. */
  snapshot(): Readonly<Record<string, string>>;
}

const DIRECTORY = { mode: 0o755, uid: 0, gid: 0 };

/** A world that begins with the given files. */
export function makeMemoryWorld(start: Readonly<Record<string, string>>): MemoryWorld {
  const nodes = new Map<string, Node>([["/", DIRECTORY]]);
  const items = new Set<string>();
  const world: MemoryWorld = {
    files: {
      root: "/",
      readEntry: async (path) => entryAt(nodes, path),
      resolveLinks: async (path) => path,
      realPath: (path) => path,
    },
    items,
    read: (path) => {
      const bytes = nodes.get(path)?.bytes;
      return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
    },
    write: (path, text) => {
      makeParents(nodes, path);
      nodes.set(path, { mode: 0o644, uid: 0, gid: 0, ...nodes.get(path), bytes: Buffer.from(text) });
    },
    remove: (path) => void nodes.delete(path),
    apply: (changes) => {
      if (changes.length > 0) makeParents(nodes, `${statePaths.root}/x`);
      for (const change of changes) applyOne(nodes, items, change);
      if (childrenOf(nodes, statePaths.root).length === 0) nodes.delete(statePaths.root);
    },
    snapshot: () =>
      Object.fromEntries(
        [...nodes].sort().map(([path, { bytes, mode, uid, gid }]) => {
          const kind = bytes === undefined ? "directory" : Buffer.from(bytes).toString("latin1");
          return [path, `${mode.toString(8)} ${uid}:${gid} ${kind}`];
        }),
      ),
  };
  for (const [path, text] of Object.entries(start)) world.write(path, text);
  return world;
}

function entryAt(nodes: ReadonlyMap<string, Node>, path: string): Entry {
  const node = nodes.get(path);
  if (node === undefined) return { kind: "absent" };
  const { bytes, mode, uid, gid } = node;
  if (bytes !== undefined) return { kind: "file", bytes, mode, uid, gid };
  return { kind: "directory", names: childrenOf(nodes, path), mode, uid, gid };
}

function childrenOf(nodes: ReadonlyMap<string, Node>, path: string): readonly string[] {
  const inside = [...nodes.keys()].filter((each) => each !== "/" && posix.dirname(each) === path);
  return inside.map((each) => posix.basename(each)).sort();
}

function makeParents(nodes: Map<string, Node>, path: string): void {
  const parent = posix.dirname(path);
  if (parent !== "/") makeParents(nodes, parent);
  if (!nodes.has(parent)) nodes.set(parent, DIRECTORY);
}

function applyOne(nodes: Map<string, Node>, items: Set<string>, change: Change): void {
  switch (change.kind) {
    case "store-secret":
      return void items.add(change.item);
    case "discard-secret":
      return void items.delete(change.item);
    case "make-directory":
      if (nodes.has(change.path)) throw new Error(`there already: ${change.path}`);
      requireParent(nodes, change.path);
      return void nodes.set(change.path, { mode: change.mode, uid: change.uid, gid: change.gid });
    case "remove-directory":
      if (childrenOf(nodes, change.path).length === 0) nodes.delete(change.path);
      return;
    case "file":
      if (!sameImage(fileAt(nodes, change.path), change.before)) throw new Error(`not as planned: ${change.path}`);
      requireParent(nodes, change.path);
      if (change.after === undefined) nodes.delete(change.path);
      else nodes.set(change.path, change.after);
  }
}

function fileAt(nodes: ReadonlyMap<string, Node>, path: string): FileImage | undefined {
  const node = nodes.get(path);
  return node?.bytes === undefined ? undefined : { ...node, bytes: node.bytes };
}

function requireParent(nodes: ReadonlyMap<string, Node>, path: string): void {
  const parent = nodes.get(posix.dirname(path));
  if (parent === undefined || parent.bytes !== undefined) throw new Error(`no directory for ${path}`);
}
