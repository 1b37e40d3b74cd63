import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Lock } from "./ports.ts";

const SYSTEM_LOCKS = "/run/regclient";

/**
 * Where the lock for the host below `root` lies: always on the running machine, never in a tree that may be somebody
 * else's. A caller who is not root has locks of their own.
 */
export function lockPathFor(root: string): string {
  const uid = process.getuid?.() ?? 0;
  const runtime = process.env["XDG_RUNTIME_DIR"];
  const own = runtime === undefined ? join(tmpdir(), `regclient-${uid}`) : join(runtime, "regclient");
  const isSystem = root === "/" || uid === 0;
  const name =
    root === "/" ? "lock" : `lock-${createHash("sha256").update(realpathSync(root)).digest("hex").slice(0, 16)}`;
  return join(isSystem ? SYSTEM_LOCKS : own, name);
}

/**
 * A lock the kernel gives back when its holder dies, however it dies: an exclusive SQLite transaction, which is a POSIX
 * record lock, on a file that stays empty. `describe` is told to whoever has to wait.
 */
export function createLock(path: string, describe: string): Lock {
  let isHeld = false;
  return {
    tryAcquire: async () => {
      // loaded here: most commands never lock, and the module costs a few milliseconds
      const { DatabaseSync } = await import("node:sqlite");
      // a process that closes any descriptor of a file gives up all of its record locks on it (fcntl(2))
      if (isHeld) return { heldBy: describe };
      prepareFile(path);
      const database = new DatabaseSync(path, { timeout: 0 });
      try {
        database.exec("PRAGMA journal_mode=OFF; BEGIN EXCLUSIVE");
      } catch (error) {
        database.close();
        if (!isBusy(error)) throw error;
        return { heldBy: readHolder(path) };
      }
      isHeld = true;
      writeHolder(path, describe);
      return {
        release: () => {
          database.close();
          isHeld = false;
        },
      };
    },
  };
}

/** Readable by nobody else: whoever can open a file can hold a lock on it. */
function prepareFile(path: string): void {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const owner = lstatSync(directory).uid;
  if (owner !== process.getuid?.()) throw refusal("EACCES", `${directory} belongs to user ${owner}`);
  const descriptor = openSync(
    path,
    constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    0o600,
  );
  try {
    if (!fstatSync(descriptor).isFile()) throw refusal("EINVAL", `${path} is no regular file`);
    fchmodSync(descriptor, 0o600);
  } finally {
    closeSync(descriptor);
  }
}

function writeHolder(path: string, describe: string): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = openSync(`${path}.holder`, flags, 0o600);
  try {
    // not emptied first: a file system may write such a file to the disk when it is closed
    ftruncateSync(descriptor, writeSync(descriptor, describe));
  } finally {
    closeSync(descriptor);
  }
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function isBusy(error: unknown): boolean {
  const SQLITE_BUSY = 5;
  const SQLITE_LOCKED = 6;
  const code = (error as { errcode?: number }).errcode ?? 0;
  return (code & 0xff) === SQLITE_BUSY || (code & 0xff) === SQLITE_LOCKED;
}

function readHolder(path: string): string {
  try {
    return readFileSync(`${path}.holder`, "utf8").slice(0, 200);
  } catch {
    return "another process";
  }
}
