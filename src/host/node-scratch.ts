import { mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Scratch } from "./ports.ts";

/** A new directory below `base`, that nobody but the user of this process (and root) can look into. */
export async function makeScratch(base: string): Promise<Scratch> {
  // mkdtemp(3): mode 0700, under a name that nobody else has
  const path = await mkdtemp(join(base, "regclient-"));
  return {
    path,
    write: (name, chunks) => writeWhole(join(path, name), chunks),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

async function writeWhole(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}
