import { DECLARATIONS } from "../enrollment/declaration.ts";
import { readDeclaration } from "../enrollment/declared.ts";
import { locateHostsFile, observeRecords } from "../enrollment/observe.ts";
import type { ReadFiles } from "../host/ports.ts";
import { parseRegistryName } from "../registry/name.ts";

/** What a change at a path is about. */
export interface WatchedPath {
  /** `declaration`: what is wanted changed; `trust`: what may be trusted; `host`: what regclient wrote. */
  readonly kind: "declaration" | "trust" | "host";
  /** The registries it matters to; undefined: all. */
  readonly registries: readonly string[] | undefined;
}

/** Where the Docker Engine listens: a new socket is an engine that was started anew. */
const ENGINE_SOCKET = "/var/run/docker.sock";

/**
 * Everything that a pass over these registries reads or writes and that others may change, by its path with symbolic
 * links followed. A directory stands for what lies directly in it.
 */
export async function listWatchedPaths(
  files: ReadFiles,
  keys: readonly string[],
): Promise<ReadonlyMap<string, WatchedPath>> {
  const found = new Map<string, WatchedPath>();
  const add = async (path: string, watched: WatchedPath): Promise<void> => {
    const place = await files.resolveLinks(path);
    const before = found.get(place);
    const both = before?.registries !== undefined && watched.registries !== undefined;
    found.set(place, both ? { ...before, registries: [...before.registries, ...watched.registries] } : watched);
    // a symbolic link that is made to lead elsewhere is a change too
    if (place !== path && !found.has(path)) found.set(path, watched);
  };
  await add(DECLARATIONS, { kind: "declaration", registries: undefined });
  await add(await locateHostsFile(files), { kind: "host", registries: undefined });
  await add(ENGINE_SOCKET, { kind: "host", registries: undefined });
  for (const key of keys) {
    const { written, trusted } = await pathsOf(files, key);
    for (const path of written) await add(path, { kind: "host", registries: [key] });
    for (const path of trusted) await add(path, { kind: "trust", registries: [key] });
  }
  return found;
}

/** The registry that a file in the directory of declarations is about. */
export function registryOfDeclaration(name: string): string | undefined {
  return name.endsWith(".yaml") ? name.slice(0, -".yaml".length) : undefined;
}

interface Paths {
  readonly written: readonly string[];
  readonly trusted: readonly string[];
}

async function pathsOf(files: ReadFiles, key: string): Promise<Paths> {
  const name = parseRegistryName(key);
  if (!name.ok) return { written: [], trusted: [] };
  const records = await observeRecords(files, key);
  const state = records.ok ? records.value.state : undefined;
  const declared = await readDeclaration(files, key);
  const declaration = declared.ok ? declared.value : undefined;
  const { files: own = [], edits = [], dockerConfigs = [] } = state ?? {};
  const kept = [...own, ...edits, ...dockerConfigs].map(({ path }) => path);
  const { caFile, sources = [] } = declaration?.trust ?? {};
  const given = sources.flatMap((source) => (source.kind === "file" ? [source.path] : []));
  const written = kept.filter((path) => !path.startsWith(`${DECLARATIONS}/`));
  return { written: [...new Set(written)], trusted: caFile === undefined ? given : [caFile, ...given] };
}
