import { chmodSync, chownSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { accessSync, constants, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

/** Who may read a file. */
export interface FileAccess {
  readonly mode: number;
  /** Given to this group, when the process may do that. */
  readonly gid?: number;
}

/** Writes all of `text` or nothing: a reader sees the old file or the new one. */
export function writeFileAtomically(path: string, text: string, access: FileAccess): void {
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true });
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (access.gid !== undefined) chownSync(temporary, -1, access.gid);
  chmodSync(temporary, access.mode);
  renameSync(temporary, path);
}

/** Makes `path` a symbolic link to `target`, replacing in one step the link that is there. */
export function pointLink(path: string, target: string): void {
  const temporary = join(dirname(path), `.${target}.link`);
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  renameSync(temporary, path);
}

/** The text of `path`; undefined when there is no such file. */
export function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The last `count` lines of `path`; none when there is no such file. */
export function readLastLines(path: string, count: number): readonly string[] {
  const lines = (readIfPresent(path) ?? "").trimEnd().split("\n");
  return lines.filter((line) => line !== "").slice(-count);
}

/** Where `program` is: on the path or in a folder for administrators, which a user's path may lack. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A system account; undefined when the machine has no such user. */
export function findAccount(login: string): { readonly uid: number; readonly gid: number } | undefined {
  const lines = (readIfPresent("/etc/passwd") ?? "").split("\n").map((line) => line.split(":"));
  const fields = lines.find(([name]) => name === login);
  return fields === undefined ? undefined : { uid: Number(fields[2]), gid: Number(fields[3]) };
}
