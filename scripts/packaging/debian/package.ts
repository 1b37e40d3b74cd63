import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import manifest from "../../../package.json" with { type: "json" };
import type { Architecture } from "../executable.ts";
import { readMaintainer } from "./changelog.ts";
import { writeControl } from "./control.ts";
import { listContents, type PackageFile } from "./contents.ts";

/** Architectures as Debian names them. */
export const DEBIAN_ARCHITECTURES = { x64: "amd64", arm64: "arm64" } as const;

/** What a Debian package is made of. */
export interface DebianParts {
  readonly arch: Architecture;
  /** The program. */
  readonly executable: string;
  readonly copyright: string;
  /** Seconds; the date of every file in it. */
  readonly sourceDate: number;
  /** Packs badly, in seconds instead of a minute. */
  readonly fast: boolean;
  readonly version?: string;
}

/** Makes the Debian package `output`; what it is made of goes to `tree`, which is not there yet. */
export async function buildDebianPackage(tree: string, output: string, parts: DebianParts): Promise<void> {
  const { arch, sourceDate, version = manifest.version } = parts;
  const maintainer = readMaintainer(process.env);
  const contents = await listContents({ ...parts, maintainer });
  for (const file of contents) placeFile(tree, file);
  const control = writeControl({
    version,
    maintainer,
    architecture: DEBIAN_ARCHITECTURES[arch],
    installedKiB: measureTree(tree),
    enabledUnits: listEnabledUnits(join(tree, "usr/lib/systemd/system")),
  });
  for (const file of [...control, listDigests(contents)]) placeFile(tree, file);
  const environment = { PATH: process.env["PATH"], SOURCE_DATE_EPOCH: String(sourceDate) };
  const packing = parts.fast ? ["-Zgzip", "-z1"] : ["-Zxz"];
  // one by one: dpkg-deb gives files that are newer than the source that date, and older ones keep theirs
  execFileSync("find", [tree, "-exec", "touch", "--no-dereference", `--date=@${sourceDate}`, "{}", "+"]);
  execFileSync("dpkg-deb", ["--build", "--root-owner-group", ...packing, tree, `${output}.new`], {
    env: environment,
    stdio: ["ignore", "ignore", "inherit"],
  });
  renameSync(`${output}.new`, output);
}

/** What dpkg --verify compares with. */
function listDigests(contents: readonly PackageFile[]): PackageFile {
  const lines = contents.flatMap((file) =>
    file.kind === "file" ? [`${createHash("md5").update(file.content).digest("hex")}  ${file.path}\n`] : [],
  );
  return { kind: "file", path: "DEBIAN/md5sums", content: lines.sort().join("") };
}

/** Modes are set by themselves, whatever the umask is. */
function placeFile(tree: string, file: PackageFile): void {
  const path = join(tree, file.path);
  makeFolder(tree, file.kind === "directory" ? file.path : dirname(file.path));
  if (file.kind === "link") execFileSync("ln", ["-s", file.target, path]);
  else if (file.kind === "file") writeFileSync(path, file.content);
  if (file.kind === "file") chmodSync(path, file.mode ?? 0o644);
}

function makeFolder(tree: string, path: string): void {
  if (path !== ".") makeFolder(tree, dirname(path));
  const made = mkdirSync(join(tree, path), { recursive: true });
  if (made !== undefined) chmodSync(join(tree, path), 0o755);
}

function measureTree(tree: string): number {
  return readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + Math.ceil(statSync(join(entry.parentPath, entry.name)).size / 1024), 0);
}

/** Those that say themselves what they belong to. */
function listEnabledUnits(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^\[Install\]$/m.test(readFileSync(join(folder, name), "utf8")))
    .sort();
}
