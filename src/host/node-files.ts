import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import type { Attributes, Entry, ReadFiles, WriteFiles } from "./ports.ts";
import { atPlace, type Place } from "./place.ts";
import { below, resolveBelow } from "./rooted-path.ts";

// block lists make hosts files of several megabytes
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const MODE_BITS = 0o7777;
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

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
    return resolveBelow(root, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOOP") return path;
    throw error;
  }
}

/** The doors through which files change. Every step is flushed to disk before it is called done. */
export function createWriteFiles(root: string): WriteFiles {
  const at = <T>(path: string, work: (place: Place) => T): T => atPlace(root, path, work);
  return {
    createFile: async (path, bytes, attributes) => at(path, (place) => createFile(place.path, bytes, attributes)),
    linkFile: async (path, second) => at(path, (from) => at(second, (to) => linkSync(from.path, to.path))),
    overwriteFile: async (path, bytes) => at(path, (place) => overwriteFile(place.path, bytes)),
    rename: async (path, name) => at(path, (from) => at(name, (to) => renameSync(from.path, to.path))),
    removeFile: async (path) => at(path, (place) => unlinkSync(place.path)),
    makeDirectory: async (path, attributes) => at(path, (place) => makeDirectory(place, attributes)),
    removeDirectory: async (path) => at(path, (place) => rmdirSync(place.path)),
    syncDirectory: async (path) => at(path, (place) => withHandle(place.path, DIRECTORY, fsyncSync)),
  };
}

function readEntry(root: string, path: string, maxBytes: number): Entry {
  try {
    return atPlace(root, path, (place) => readPlace(place.path, maxBytes));
  } catch (error) {
    return isAbsent(error) ? { kind: "absent" } : { kind: "unreadable", reason: (error as Error).message };
  }
}

function readPlace(real: string, maxBytes: number): Entry {
  const stats = lstatSync(real, { throwIfNoEntry: false });
  if (stats === undefined) return { kind: "absent" };
  if (stats.isSymbolicLink()) return { kind: "symlink", target: readlinkSync(real) };
  if (stats.isDirectory()) return { kind: "directory", names: readdirSync(real).sort(), ...attributesOf(stats) };
  if (!stats.isFile()) return { kind: "other" };
  // what was a file a moment ago must not have become a link, or a pipe that never ends
  return withHandle(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK, (descriptor) => {
    const opened = fstatSync(descriptor);
    if (!opened.isFile()) return { kind: "other" };
    if (opened.size > maxBytes) return { kind: "unreadable", reason: `larger than ${maxBytes} bytes` };
    return { kind: "file", bytes: readFileSync(descriptor), ...attributesOf(opened) };
  });
}

function attributesOf({ mode, uid, gid }: Stats): Attributes {
  return { mode: mode & MODE_BITS, uid, gid };
}

function withHandle<T>(real: string, flags: number, work: (descriptor: number) => T): T {
  const descriptor = openSync(real, flags, 0o600);
  try {
    return work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

function createFile(real: string, bytes: Uint8Array, attributes: Attributes): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  withHandle(real, flags, (descriptor) => {
    writeFileSync(descriptor, bytes);
    own(descriptor, attributes);
    fsyncSync(descriptor);
  });
}

function overwriteFile(real: string, bytes: Uint8Array): void {
  // not blocking: what was a file a moment ago must not have become a pipe that nobody reads
  withHandle(real, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK, (descriptor) => {
    if (!fstatSync(descriptor).isFile())
      throw Object.assign(new Error(`${real} is no regular file`), { code: "EINVAL", syscall: "open" });
    // bytes before length: on a full disk the old blocks are still there to be written again
    writeFileSync(descriptor, bytes); // all of them: one write may take fewer, and say so only when asked again
    ftruncateSync(descriptor, bytes.length);
    fsyncSync(descriptor);
  });
}

function makeDirectory(place: Place, attributes: Attributes): void {
  mkdirSync(place.path, { mode: 0o700 });
  // by handle: what the directory's owner puts in its place meanwhile is neither given away nor opened up
  withHandle(place.path, DIRECTORY, (descriptor) => {
    if (fstatSync(descriptor).uid !== process.geteuid?.())
      throw new Error(`${place.path} is not the directory just made`);
    own(descriptor, attributes);
    fsyncSync(descriptor);
  });
  withHandle(place.directory, constants.O_RDONLY | constants.O_DIRECTORY, fsyncSync);
}

function own(descriptor: number, { uid, gid, mode }: Attributes): void {
  const made = fstatSync(descriptor);
  if (made.uid !== uid || made.gid !== gid) fchownSync(descriptor, uid, gid);
  fchmodSync(descriptor, mode);
}
