import type { Entry } from "../host/ports.ts";
import type { FileImage } from "../change.ts";

/** The host as it was seen at one moment: only what was looked at, and nothing that can still change. */
export interface HostView {
  /** Asking for a path that was not looked at is a bug and throws. */
  entry(path: string): Entry;
  /** The file at the path, undefined for anything else. */
  file(path: string): FileImage | undefined;
}

/** A view over entries by path. */
export function viewOf(entries: ReadonlyMap<string, Entry>): HostView {
  const entry = (path: string): Entry => {
    const found = entries.get(path);
    if (found === undefined) throw new Error(`not observed: ${path}`);
    return found;
  };
  return {
    entry,
    file: (path) => {
      const found = entry(path);
      if (found.kind !== "file") return undefined;
      return { bytes: found.bytes, mode: found.mode, uid: found.uid, gid: found.gid };
    },
  };
}
