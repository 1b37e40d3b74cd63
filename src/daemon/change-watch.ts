import { basename } from "node:path";
import { DECLARATIONS } from "../enrollment/declaration.ts";
import type { ReadFiles } from "../host/ports.ts";
import { watchFiles } from "../host/watch-files.ts";
import type { Log } from "./log.ts";
import type { Wish } from "./loop-state.ts";
import { listWatchedPaths, registryOfDeclaration, type WatchedPath } from "./watched-paths.ts";

/** A watch over all that the passes read or write. */
export interface ChangeWatch {
  /** Looks at what belongs to these registries from now on. */
  follow(keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Turns changes of files into wishes. Where the system cannot watch, that is told once: polling goes on. */
export function createChangeWatch(files: ReadFiles, wake: (wish: Wish) => void, log: Log): ChangeWatch {
  let watched: ReadonlyMap<string, WatchedPath> = new Map();
  let hasFailed = false;
  const watch = watchFiles({
    changed: (path) => {
      const found = wishFor(watched, files.realPath(DECLARATIONS), path);
      if (found === undefined) return;
      log("info", "something changed", { path, kind: found.kind });
      wake(found);
    },
    begun: () => wake({ wake: "change", kind: "host" }),
    failed: (reason) => {
      if (!hasFailed)
        log("warning", "changes of files cannot be watched, so they are found by the schedule", { reason });
      hasFailed = true;
    },
  });
  let last: Promise<void> = Promise.resolve();
  const follow = async (keys: readonly string[]): Promise<void> => {
    const found = await listWatchedPaths(files, keys);
    watched = new Map([...found].map(([path, each]) => [files.realPath(path), each]));
    watch.watchOnly([...watched.keys()]);
  };
  return {
    // one after the other: an older list must not come last
    follow: async (keys) => (last = last.then(async () => follow(keys))),
    close: async () => watch.close(),
  };
}

function wishFor(watched: ReadonlyMap<string, WatchedPath>, declarations: string, path: string): Wish | undefined {
  const found = watched.get(path);
  if (found !== undefined) return { wake: "change", kind: found.kind, registries: found.registries };
  const key = path.startsWith(`${declarations}/`) ? registryOfDeclaration(basename(path)) : undefined;
  return key === undefined ? undefined : { wake: "change", kind: "declaration", registries: [key] };
}
