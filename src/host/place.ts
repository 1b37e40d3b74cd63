import { closeSync, constants, lstatSync, openSync, readlinkSync } from "node:fs";
import { posix } from "node:path";

/** A directory that is held open, and a name in it: what else is done to the paths above meanwhile makes no difference. */
export interface Place {
  /** The name below the held directory, as a path of this process. */
  readonly path: string;
  /** The held directory itself, as a path of this process. */
  readonly directory: string;
}

// open(2): a handle that only names a directory, for which the right to search it is enough; Node has no constant for it
const O_PATH = 0o10000000;
const DIRECTORY = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const MAX_LINKS = 40;

/**
 * Calls `work` with the place of a host path below `root`. Directories are opened one by one; symbolic links are followed
 * as in a chroot, the last part not at all. On the running system a link is followed only if root or the caller made it:
 * in a directory of somebody else it would let them choose what root writes to.
 */
export function atPlace<T>(root: string, path: string, work: (place: Place) => T): T {
  const held = [openSync(root, O_PATH | constants.O_DIRECTORY)];
  try {
    const name = walk(root, held, path);
    const directory = `/proc/self/fd/${held.at(-1)}`;
    return work({ directory, path: name === "" ? directory : `${directory}/${name}` });
  } catch (error) {
    throw withPath(error, root, path);
  } finally {
    for (const descriptor of held) closeSync(descriptor);
  }
}

/** Whether a link of this owner may be followed on the system with this root. */
export function mayFollow(root: string, owner: number): boolean {
  // below another root no link leads out, and who owns the tree owns all of it
  return root !== "/" || owner === 0 || owner === process.getuid?.();
}

/** Opens every directory above the last part; gives that part, "" for the root itself. */
function walk(root: string, held: number[], path: string): string {
  const pending = path.split("/").filter(Boolean).reverse();
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === "..") {
      if (held.length > 1) closeSync(held.pop() ?? -1);
      continue;
    }
    if (pending.length === 0) return part;
    const next = `/proc/self/fd/${held.at(-1)}/${part}`;
    const target = enter(root, held, next);
    if (target === undefined) continue;
    if (++links > MAX_LINKS) throw fault("ELOOP", `too many symbolic links: ${path}`);
    if (target.startsWith("/")) for (const descriptor of held.splice(1)) closeSync(descriptor);
    pending.push(...target.split("/").filter(Boolean).reverse());
  }
  return "";
}

/** Holds the directory at `next`; if a link stands there, gives where it leads instead. */
function enter(root: string, held: number[], next: string): string | undefined {
  try {
    held.push(openSync(next, DIRECTORY));
    return undefined;
  } catch (error) {
    const entry = lstatSync(next, { throwIfNoEntry: false });
    if (entry?.isSymbolicLink() !== true) throw error;
    if (mayFollow(root, entry.uid)) return readlinkSync(next);
    throw fault("EPERM", `a symbolic link of user ${entry.uid} is not followed`);
  }
}

function fault(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, syscall: "open" });
}

/** The system names the held directory by its number, which tells a person nothing. */
function withPath(error: unknown, root: string, path: string): unknown {
  if (!(error instanceof Error)) return error;
  const directory = posix.join(root, posix.dirname(path));
  error.message = error.message.replaceAll(/\/proc\/self\/fd\/\d+/g, directory === "/" ? "" : directory);
  return error;
}
