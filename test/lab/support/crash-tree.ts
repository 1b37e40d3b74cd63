import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A host as a tree of files, in which each kind of file that enrolling touches is there already. */
export const startingTree: Readonly<Record<string, string>> = {
  "etc/hosts": "127.0.0.1\tlocalhost\n10.9.9.9 box # no new line at the end",
  "root/.docker/config.json": '{"auths": {"r.test": {"auth": "eDp5"}}}',
  "etc/docker/certs.d/devregistry:443/ca.crt": "somebody else's\n",
  "keychain.json": "{}",
};

/** Makes the starting tree below `root`. */
export function makeTree(root: string): void {
  for (const [path, text] of Object.entries(startingTree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, "var/lib"), { recursive: true });
}

/** Copies a tree; with `bindHosts` its /etc/hosts is a mount point. */
export function copyTree(from: string, to: string, bindHosts: boolean): void {
  execFileSync("cp", ["-a", from, to]);
  if (!bindHosts) return;
  renameSync(join(to, "etc/hosts"), `${to}.hosts`);
  writeFileSync(join(to, "etc/hosts"), "");
  execFileSync("mount", ["--bind", `${to}.hosts`, join(to, "etc/hosts")]);
}

/** Removes what copyTree made. */
export function dropTree(root: string, bindHosts: boolean): void {
  if (bindHosts) execFileSync("umount", [join(root, "etc/hosts")]);
  execFileSync("rm", ["-rf", root, `${root}.hosts`]);
}

/** Every path with mode, owner and content; what differs from run to run (times, random bytes) is left out. */
export function readTree(root: string, path = ""): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(root, path))) {
    const inner = `${path}/${name}`;
    if (inner === "/run") continue;
    const stats = lstatSync(join(root, inner));
    const attributes = `${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}`;
    if (stats.isDirectory()) Object.assign(found, { [`${inner}/`]: attributes }, readTree(root, inner));
    else if (stats.isSymbolicLink()) found[inner] = `${attributes} -> ${readlinkSync(join(root, inner))}`;
    else found[inner] = `${attributes} ${stats.nlink} ${contentOf(root, inner)}`;
  }
  return found;
}

function contentOf(root: string, path: string): string {
  const bytes = readFileSync(join(root, path));
  if (path.startsWith("/var/lib/regclient/credentials/")) return `${bytes.length} bytes`;
  return bytes
    .toString("latin1")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/(devregistry \w+) [0-9a-f]{8}/g, "$1 ITEM");
}

/** The paths at which two trees differ. */
export function differences(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((path) => one[path] !== other[path]).sort();
}
