import { closeSync, constants, lstatSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, chown, link, lstat, mkdir, open, rename, rmdir, unlink } from "node:fs/promises";
import { posix } from "node:path";
import type { Attributes, Entry, ReadFiles, WriteFiles } from "./ports.ts";
import { below, resolveBelow } from "./rooted-path.ts";

// block lists make hosts files of several megabytes
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const MODE_BITS = 0o7777;

/** The files of the host whose root directory is `root`. */
export function createReadFiles(root: string): ReadFiles {
  return {
    root,
    readEntry: async (path, maxBytes = DEFAULT_MAX_BYTES) => readEntry(root, path, maxBytes),
    resolveLinks: async (path) => resolveOrKeep(root, path),
    realPath: (path) => below(root, path),
  };
}

/** Links that lead in a circle lead nowhere: whoever reads the path then finds a link there. */
function resolveOrKeep(root: string, path: string): string {
  try {
    return resolveBelow(root, path, { finalLink: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOOP") return path;
    throw error;
  }
}

/** The doors through which files change. Every step is flushed to disk before it is called done. */
export function createWriteFiles(root: string): WriteFiles {
  const locate = (path: string): string => below(root, resolveBelow(root, path, { finalLink: false }));
  return {
    createFile: async (path, bytes, attributes) => createFile(locate(path), bytes, attributes),
    linkFile: async (path, second) => link(locate(path), locate(second)),
    overwriteFile: async (path, bytes) => overwriteFile(locate(path), bytes),
    rename: async (from, to) => rename(locate(from), locate(to)),
    removeFile: async (path) => unlink(locate(path)),
    makeDirectory: async (path, attributes) => makeDirectory(locate(path), attributes),
    removeDirectory: async (path) => rmdir(locate(path)),
    syncDirectory: async (path) => syncDirectory(locate(path)),
  };
}

function readEntry(root: string, path: string, maxBytes: number): Entry {
  try {
    const real = below(root, resolveBelow(root, path, { finalLink: false }));
    const stats = lstatSync(real, { throwIfNoEntry: false });
    if (stats === undefined) return { kind: "absent" };
    const attributes = { mode: stats.mode & MODE_BITS, uid: stats.uid, gid: stats.gid };
    if (stats.isSymbolicLink()) return { kind: "symlink", target: readlinkSync(real) };
    if (stats.isDirectory()) return { kind: "directory", names: readdirSync(real).sort(), ...attributes };
    if (!stats.isFile()) return { kind: "other" };
    if (stats.size > maxBytes) return { kind: "unreadable", reason: `larger than ${maxBytes} bytes` };
    return { kind: "file", bytes: readBytes(real), ...attributes };
  } catch (error) {
    return isAbsent(error) ? { kind: "absent" } : { kind: "unreadable", reason: (error as Error).message };
  }
}

/** O_NOFOLLOW: what was a file a moment ago must not have become a link to somewhere else. */
function readBytes(real: string): Uint8Array {
  const descriptor = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

async function createFile(real: string, bytes: Uint8Array, attributes: Attributes): Promise<void> {
  const handle = await open(real, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await handle.writeFile(bytes);
    const made = await handle.stat();
    if (made.uid !== attributes.uid || made.gid !== attributes.gid) await handle.chown(attributes.uid, attributes.gid);
    await handle.chmod(attributes.mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function overwriteFile(real: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(real, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    // bytes before length: on a full disk the old blocks are still there to be written again
    await handle.writeFile(bytes); // all of them: one write may take fewer, and say so only when asked again
    await handle.truncate(bytes.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function makeDirectory(real: string, attributes: Attributes): Promise<void> {
  await mkdir(real, { mode: 0o700 });
  const made = await lstat(real);
  if (made.uid !== attributes.uid || made.gid !== attributes.gid) await chown(real, attributes.uid, attributes.gid);
  await chmod(real, attributes.mode);
  await syncDirectory(posix.dirname(real));
}

async function syncDirectory(real: string): Promise<void> {
  const handle = await open(real, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
