import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A new directory with the given files in it, gone after the test. */
export function makeScratchRoot(files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "regclient-root-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Everything below a directory: mode, and bytes or link target, by path. The lock's own directory is left out. */
export function snapshotTree(root: string, path = ""): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(root, path))) {
    const inner = `${path}/${name}`;
    if (inner === "/run") continue;
    const stats = lstatSync(join(root, inner));
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isDirectory()) Object.assign(found, { [`${inner}/`]: mode }, snapshotTree(root, inner));
    else if (stats.isSymbolicLink()) found[inner] = `-> ${readlinkSync(join(root, inner))}`;
    else found[inner] = `${mode} ${readFileSync(join(root, inner)).toString("latin1")}`;
  }
  return found;
}
