import { renameSync, rmSync } from "node:fs";

/** Removes a directory in one step, so that a daemon which heals at once makes a new one and not its half of the old. */
export function removeWhole(path: string): void {
  const gone = `${path}.gone`;
  renameSync(path, gone);
  rmSync(gone, { recursive: true });
}
