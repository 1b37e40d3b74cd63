import { lstatSync, readlinkSync } from "node:fs";
import { posix } from "node:path";
import { mayFollow } from "./place.ts";

const MAX_LINKS = 40;

/**
 * Follows the symbolic links of `path` as a chroot at `root` would: absolute targets and `..` stay below it. A link that
 * may not be followed (place.ts) stays in the path. Gives a path as the host sees it; throws on a link loop (ELOOP).
 */
export function resolveBelow(root: string, path: string): string {
  const pending = path.split("/").filter(Boolean).reverse();
  let resolved = "/";
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    const next = posix.join(resolved, part);
    const target = part === ".." ? undefined : linkTarget(root, next);
    if (target === undefined) {
      resolved = next;
      continue;
    }
    if (++links > MAX_LINKS) throw Object.assign(new Error(`too many symbolic links: ${path}`), { code: "ELOOP" });
    if (target.startsWith("/")) resolved = "/";
    pending.push(...target.split("/").filter(Boolean).reverse());
  }
  return resolved;
}

/** The path of this process for a path of the host. */
export function below(root: string, path: string): string {
  return root === "/" ? path : posix.join(root, path);
}

/** Calls without a thread between: a plan asks this of some hundred path parts, and none of them waits for a disk. */
function linkTarget(root: string, path: string): string | undefined {
  try {
    const real = below(root, path);
    const entry = lstatSync(real, { throwIfNoEntry: false });
    return entry?.isSymbolicLink() === true && mayFollow(root, entry.uid) ? readlinkSync(real) : undefined;
  } catch {
    return undefined; // a part above is no directory, or may not be searched
  }
}
