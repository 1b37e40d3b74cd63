import { existsSync, readdirSync, rmdirSync, type Dirent } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const PREFIX = "regclient-lab-";

/** A new folder's name for the lab number `serial` of this process. */
export function nameScratch(serial: number): string {
  return join(tmpdir(), `${PREFIX}${process.pid}-${serial}`);
}

/**
 * Removes the folders and cgroups of labs whose process is gone. The kernel has ended their hosts with it, so only empty
 * ones can be left; what is not empty is left alone.
 */
export function sweepLeftovers(): void {
  for (const folder of listPlaces().flatMap((place) => namesIn(place).map((name) => join(place, name)))) {
    const pid = new RegExp(`/${PREFIX}(\\d+)-\\d+$`).exec(folder)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeEmptyFolders(folder);
  }
}

/** Removes what the lab with the folder `scratch` has left outside its hosts. */
export function removeRemains(scratch: string): void {
  for (const place of listPlaces()) removeEmptyFolders(join(place, basename(scratch)));
}

/** Where a lab has a folder of its name: for mounts, and in each cgroup hierarchy for the containers of its dockerds. */
export function listPlaces(): readonly string[] {
  const cgroups = "/sys/fs/cgroup";
  // Version 1 has a hierarchy per controller one level down; version 2 has the one.
  return [tmpdir(), cgroups, ...namesIn(cgroups).map((name) => join(cgroups, name))];
}

function removeEmptyFolders(folder: string): void {
  for (const entry of readdirIfPresent(folder)) if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  try {
    rmdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTEMPTY" && code !== "EBUSY") throw error;
  }
}

function namesIn(folder: string): readonly string[] {
  return readdirIfPresent(folder).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

function readdirIfPresent(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}
