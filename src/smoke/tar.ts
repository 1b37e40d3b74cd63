import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import type { Content } from "./artifact.ts";

/** A file of an archive. */
export interface PackedFile extends Content {
  readonly name: string;
}

/** A tar (POSIX.1-2001, pax) of these files, as it is read. The same files give the same bytes. */
export async function* packFiles(files: readonly PackedFile[]): AsyncGenerator<Uint8Array> {
  const archive = pack();
  void addAll(archive, files).then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  yield* archive as AsyncIterable<Uint8Array>;
}

async function addAll(archive: Pack, files: readonly PackedFile[]): Promise<void> {
  for (const { name, size, body } of files) {
    await pipeline(body, archive.entry({ name, size, mtime: new Date(0) }));
  }
}
