import type { Entry, ReadFiles } from "../host/ports.ts";
import type { RuntimeView } from "./runtime.ts";

// some of the files are users': many large ones must not use up the memory of whoever looks
const LARGEST = 1024 * 1024;

/**
 * What lies at the paths that `looksAt` names. It is asked again after each look, with what was seen so far, until it names
 * no new ones; each is read once. To see what it did not name is a bug of `who`, and throws.
 */
export async function lookAround(
  files: Pick<ReadFiles, "readEntry" | "resolveLinks">,
  who: string,
  looksAt: (view: RuntimeView) => readonly string[],
): Promise<RuntimeView> {
  const entries = new Map<string, Entry>();
  for (;;) {
    const view = viewOver((path) => entries.get(path) ?? { kind: "absent" });
    const fresh = looksAt(view).filter((path) => !entries.has(path));
    if (fresh.length === 0) break;
    for (const path of fresh) entries.set(path, await files.readEntry(await files.resolveLinks(path), LARGEST));
  }
  return viewOver((path) => {
    const entry = entries.get(path);
    if (entry === undefined) throw new Error(`${who} did not say that it looks at ${path}`);
    return entry;
  });
}

/** A view that asks `entry` for each path. */
export function viewOver(entry: (path: string) => Entry): RuntimeView {
  return {
    entry,
    text: (path) => {
      const found = entry(path);
      return found.kind === "file" ? Buffer.from(found.bytes).toString("utf8") : undefined;
    },
  };
}
