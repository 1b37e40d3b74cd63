import { randomUUID } from "node:crypto";
import { accessSync, constants, lstatSync, realpathSync, statSync, unlinkSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { problem } from "../findings/problem.ts";
import { createWriteFiles } from "../host/node-files.ts";
import type { Attributes, Caller } from "../host/ports.ts";
import { resolveBelow } from "../host/rooted-path.ts";
import { failure, success, type Result } from "../result.ts";

/** A file that a person names for a command to write: a path of theirs, relative to where they are, also with --root. */
export interface OwnFile {
  /** With every symbolic link followed. */
  readonly path: string;
  /** Of the file that is there. */
  readonly kept: Attributes | undefined;
}

/** Looks whether a file can be written later; nothing is changed. */
export function findOwnFile(named: string): Result<OwnFile> {
  const path = followLinks(resolve(named));
  const wrong = (reason: string): Result<OwnFile> => failure(problem("RC-CFG-060", { path: named, reason }, [path]));
  if (named === "" || named.endsWith("/")) return wrong("that names a directory");
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile())
      return wrong(there.isDirectory() ? "it is a directory" : "it is no regular file, and would be replaced by one");
    accessSync(`${dirname(path)}/.`, constants.W_OK | constants.X_OK);
    if (there === undefined && lstatSync(path, { throwIfNoEntry: false }) !== undefined)
      return wrong("it is a link that leads nowhere");
    // in a directory like /tmp, who makes a link there first would choose what is written to
    if (resolveBelow("/", resolve(named)) !== path) return wrong("a symbolic link of another user leads there");
    if (there === undefined) return success({ path, kept: undefined });
    accessSync(path, constants.W_OK);
    return success({ path, kept: { mode: there.mode & 0o777, uid: there.uid, gid: there.gid } });
  } catch (error) {
    return wrong((error as Error).message);
  }
}

/** Writes the whole file or leaves what was there: under another name first, flushed, then renamed. */
export async function writeOwnFile(file: OwnFile, text: string, caller: Caller): Promise<Result<void>> {
  const writer = createWriteFiles("/");
  const { path, kept } = file;
  // short, as the name itself may be as long as names can be
  const passing = join(dirname(path), `.regclient-${randomUUID()}`);
  try {
    const mode = 0o666 & ~process.umask();
    await writer.createFile(passing, Buffer.from(text), kept ?? { mode, uid: caller.uid, gid: caller.gid });
    await writer.rename(passing, path);
    return success(undefined);
  } catch (error) {
    removeIfThere(passing);
    return failure(problem("RC-CFG-060", { path, reason: (error as Error).message }));
  }
}

/** A file that is not there yet may still lie behind a link to a directory. */
function followLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // it was never made
  }
}
