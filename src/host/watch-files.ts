import { dirname } from "node:path";
import { watch, type FSWatcher } from "chokidar";

/** A watch over files, told what to look at as often as that changes. */
export interface FileWatch {
  /** From now on exactly these: files, and directories with what lies directly in them. They need not exist. */
  watchOnly(paths: readonly string[]): void;
  close(): Promise<void>;
}

/** What is told. All may be called at any time until the watch is closed. */
export interface FileEvents {
  /** Something came, changed or went at a watched path, or in a watched directory. */
  readonly changed: (path: string) => void;
  /** All that is watched is watched from now on: what changed before that was not told. */
  readonly begun: () => void;
  /** The system refuses to watch: whoever relies on events alone would miss some. */
  readonly failed: (reason: string) => void;
}

/**
 * Watches files by the kernel's events, where they are not there yet by those of the nearest directory above. A file that
 * another is renamed over goes on being watched. Paths are this process's own, with symbolic links followed. Within 50 ms
 * of an event, another at the same path may not be told: whoever looks later than that sees it.
 */
export function watchFiles(events: FileEvents): FileWatch {
  const live = new Set<FSWatcher>();
  let current: FSWatcher | undefined;
  // one that is about to be closed tells nothing that is no longer wanted
  const changed = (path: string): void => {
    if (paths.includes(path) || paths.includes(dirname(path))) events.changed(path);
  };
  let paths: readonly string[] = [];
  let isClosed = false;
  const closeAll = async (watchers: readonly FSWatcher[]): Promise<void> => {
    for (const watcher of watchers) live.delete(watcher);
    await Promise.all(watchers.map(async (watcher) => watcher.close()));
  };
  return {
    watchOnly: (wanted) => {
      const next = [...new Set(wanted)].sort();
      if (isClosed || (current !== undefined && next.join("\n") === paths.join("\n"))) return;
      const watcher = startWatching(next, { ...events, changed });
      live.add(watcher);
      [current, paths] = [watcher, next];
      watcher.once("ready", () => {
        if (isClosed || watcher !== current) return;
        // only now, so that nothing falls between the two
        void closeAll([...live].filter((each) => each !== watcher));
        events.begun();
      });
    },
    close: async () => {
      isClosed = true;
      await closeAll([...live]);
    },
  };
}

function startWatching(paths: readonly string[], { changed, failed }: FileEvents): FSWatcher {
  const wanted = new Set(paths);
  const above = new Set(paths.flatMap(listAbove));
  const isWanted = (path: string): boolean => wanted.has(path) || wanted.has(dirname(path));
  const watcher = watch([...paths], {
    ignoreInitial: true,
    atomic: false,
    // a directory above is looked into only as far as it leads to a wanted path
    ignored: (path) => !isWanted(path) && !above.has(path),
  });
  watcher.on("all", (_event, path) => changed(path));
  watcher.on("error", (error) => failed(error instanceof Error ? error.message : String(error)));
  return watcher;
}

function listAbove(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...listAbove(parent)];
}
