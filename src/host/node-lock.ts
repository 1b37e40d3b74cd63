import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Lock } from "./ports.ts";

/**
 * A lock the kernel gives back when its holder dies, however it dies: an exclusive SQLite transaction, which is a POSIX
 * record lock, on a file that stays empty. `describe` is told to whoever has to wait.
 */
export function createLock(path: string, describe: string): Lock {
  return {
    tryAcquire: async () => {
      // loaded here: most commands never lock, and the module costs a few milliseconds
      const { DatabaseSync } = await import("node:sqlite");
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      const database = new DatabaseSync(path, { timeout: 0 });
      try {
        database.exec("PRAGMA journal_mode=OFF; BEGIN EXCLUSIVE");
      } catch (error) {
        database.close();
        if (!isBusy(error)) throw error;
        return { heldBy: readHolder(path) };
      }
      writeFileSync(`${path}.holder`, describe);
      return { release: () => database.close() };
    },
  };
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
