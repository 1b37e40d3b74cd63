import { chmod, chown, lstat, mkdir, mkdtemp, rename, rmdir, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { basename, dirname, join } from "node:path";
import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";

/** Who may connect to a socket that is made. */
export interface SocketOwner {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** A socket file that this process made. */
export interface SocketFile<T> {
  readonly server: T;
  /** Removes the file if it still is the one that was made. */
  remove(): Promise<void>;
}

const PROBE_MS = 1000;

/**
 * Makes a socket at `path`, where nobody answers. It is bound in a directory that only this process may enter, gets its
 * owner and mode there, and is renamed into its place: at no moment can it be used by others than `owner` says, whatever
 * the umask.
 */
export async function makeSocketFile<T>(
  path: string,
  owner: SocketOwner,
  bind: (path: string) => Promise<T>,
): Promise<Result<SocketFile<T>>> {
  try {
    const occupied = await findOccupant(path);
    if (occupied !== undefined) return failure(occupied);
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    const nursery = await mkdtemp(join(dirname(path), ".socket-"));
    try {
      return success(await bindAndMove(join(nursery, basename(path)), path, owner, bind));
    } finally {
      await rmdir(nursery);
    }
  } catch (error) {
    return failure(problem("RC-CRD-022", { path, reason: (error as Error).message }, [path]));
  }
}

async function bindAndMove<T>(
  temporary: string,
  path: string,
  owner: SocketOwner,
  bind: (path: string) => Promise<T>,
): Promise<SocketFile<T>> {
  const server = await bind(temporary);
  try {
    await chown(temporary, owner.uid, owner.gid);
    await chmod(temporary, owner.mode);
    const made = await lstat(temporary);
    await rename(temporary, path);
    return { server, remove: async () => removeSame(path, made) };
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function removeSame(path: string, made: { readonly dev: number; readonly ino: number }): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.dev === made.dev && found.ino === made.ino) await unlink(path);
}

/** A stale socket may be replaced; a file of another kind, or a socket somebody answers at, may not. */
async function findOccupant(path: string): Promise<ReturnType<typeof problem> | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isSocket()) return problem("RC-CRD-022", { path, reason: "it is there, and is no socket" }, [path]);
  return (await isAnswered(path)) ? problem("RC-CRD-023", { path }, [path]) : undefined;
}

async function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path, timeout: PROBE_MS });
    const finish = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => finish(true)).once("timeout", () => finish(true));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      finish(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"),
    );
  });
}
