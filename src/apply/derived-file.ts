import { problem } from "../findings/problem.ts";
import { whyNoFile, type Entry, type Host } from "../host/ports.ts";
import { failure, success, type Result } from "../result.ts";
import { isSystemError } from "./perform.ts";
import { removeIfThere } from "./undo.ts";

/** A file for other programs to read that can be made again at any time. */
export interface DerivedFile {
  readonly path: string;
  /** The text, which begins with `mark`: by that a file is known to be one of ours. */
  readonly text: string;
  readonly mark: string;
  readonly mode: number;
}

/**
 * Writes the file beside its place and renames it there, so that a reader sees the old text or the new one. It needs
 * neither the lock nor the journal of a transaction: there is nothing to undo, it must not wait for an enrollment, and
 * what an interruption leaves beside it, the next writing takes away. A file that is not ours is left, as RC-HST-031.
 */
export async function writeDerivedFile(host: Host, { path, text, mark, mode }: DerivedFile): Promise<Result<void>> {
  const { caller, files, writer } = host;
  const inTheWay = whyNotOurs(await files.readEntry(path), mark);
  if (inTheWay !== undefined) return refuse(path, inTheWay);
  const coming = `${path}.regclient-new`;
  try {
    await removeIfThere(host, coming);
    await writer.createFile(coming, Buffer.from(text), { mode, uid: caller.uid, gid: caller.gid });
    await writer.rename(coming, path);
    return success(undefined);
  } catch (error) {
    await removeIfThere(host, coming).catch(() => undefined);
    if (!isSystemError(error)) throw error;
    return refuse(path, error.message);
  }
}

function whyNotOurs(entry: Entry, mark: string): string | undefined {
  if (entry.kind === "absent") return undefined;
  if (entry.kind !== "file") return whyNoFile(entry);
  const isOurs = Buffer.from(entry.bytes).toString("utf8").startsWith(mark);
  return isOurs ? undefined : "a file is there that regclient did not write";
}

function refuse(path: string, reason: string): Result<never> {
  return failure(problem("RC-HST-031", { path, reason }, [reason]));
}
