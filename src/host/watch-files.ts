import { dirname } from "node:path";
import { watch, type FSWatcher } from "chokidar";

/** A watch over files, told what to look at as often as that changes. */
export interface FileWatch {
  /** From now on exactly these: files, and directories with what lies directly in them. They need not exist. */
  watchOnly(paths: readonly string[]): void;
  close(): Promise<void>;
}

/** What is told. Both may be called at any time until the watch is closed. */
export interface FileEvents {
  /** Something came, changed or went at a watched path, or in a watched directory. */
  readonly changed: (path: string) => void;
  /** The system refuses to watch: whoever relies on events alone would miss some. */
  readonly failed: (reason: string) => void;
}

/**
 * Watches files by the kernel's events, where they are not there yet by those of the nearest directory above. A file that
 * another is renamed over goes on being watched. Paths are this process's own, with symbolic links followed.
 */
export function watchFiles({ changed, failed }: FileEvents): FileWatch {
  let wanted: ReadonlySet<string> = new Set();
  let above: ReadonlySet<string> = new Set();
  const isWanted = (path: string): boolean => wanted.has(path) || wanted.has(dirname(path));
  const watcher = watch([], {
    ignoreInitial: true,
    atomic: false,
    // a directory above is looked into only as far as it leads to a wanted path
    ignored: (path) => !isWanted(path) && !above.has(path),
  });
  watcher.on("all", (_event, path) => {
    if (isWanted(path)) changed(path);
  });
  watcher.on("error", (error) => failed(error instanceof Error ? error.message : String(error)));
  return {
    watchOnly: (paths) => {
      const next = new Set(paths);
      const before = wanted;
      wanted = next;
      above = new Set([...next].flatMap(listAbove));
      exchange(watcher, before, next);
    },
    close: async () => watcher.close(),
  };
}

function exchange(watcher: FSWatcher, before: ReadonlySet<string>, next: ReadonlySet<string>): void {
  const gone = [...before].filter((path) => !next.has(path));
  const come = [...next].filter((path) => !before.has(path));
  if (gone.length > 0) watcher.unwatch(gone);
  if (come.length > 0) watcher.add(come);
}

function listAbove(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...listAbove(parent)];
}
