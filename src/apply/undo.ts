import { posix } from "node:path";
import type { Entry, Host } from "../host/ports.ts";
import { besideNames, matchesMark, type FileStep, type Intent } from "./journal.ts";
import { programs, type ProgramId } from "../runtimes/programs.ts";
import { ancestorsOf } from "../change.ts";
import { hasCode, isSystemError, ProgramFailed, runProgram, type Tools } from "./perform.ts";

/**
 * Puts back everything a journalled intent may have done, last step first. Safe to run at any point of the intent and
 * any number of times. Gives the paths it had to leave, because something else has changed them since.
 */
export async function undoIntent(tools: Tools, intent: Intent): Promise<readonly string[]> {
  const left: string[] = [];
  for (const [index, step] of [...intent.steps.entries()].reverse()) {
    if (step.kind === "file") {
      const undone = await orLeave(tools.host, step.path, () => undoFile(tools.host, intent, index, step));
      if (undone !== true) left.push(step.path);
    } else if (step.kind === "store-secret") {
      left.push(...(await discardSecret(tools, step.item)));
    } else if (step.kind === "make-directory") {
      if ((await orLeave(tools.host, step.path, () => removeIfEmpty(tools.host, step.path))) !== true)
        left.push(step.path);
    }
  }
  for (const step of intent.steps) if (step.kind === "run-program") left.push(...(await runAgain(tools, step.program)));
  return left;
}

/** Whether it had been run is not known, and running it over the old files does no harm. */
async function runAgain({ host }: Tools, program: ProgramId): Promise<readonly string[]> {
  const { undo } = programs[program];
  if (host.files.root !== "/") return [];
  try {
    await runProgram(host, undo);
    return [];
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error;
    return [`what ${undo.join(" ")} makes (${error.message})`];
  }
}

/** Removes the names that held coming and old bytes. Run after a commit or a complete undo. */
export async function sweepBeside(host: Host, intent: Intent): Promise<void> {
  for (const [index, step] of intent.steps.entries()) {
    if (step.kind !== "file") continue;
    const { coming, old, copy } = besideNames(intent, index);
    for (const path of [coming, old, copy]) await orLeave(host, path, () => removeIfThere(host, path));
  }
}

/**
 * What cannot be done is thrown, and tried again by the next run; but in a place that is somebody else's, they could make
 * it fail for ever, and keep this host from every later run: there it is left, as undefined.
 */
async function orLeave<T>(host: Host, path: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error) || !(await isOthersPlace(host, path))) throw error;
    return undefined;
  }
}

/** True when a directory above, or what stands in the place of one, may be changed by somebody who is not root or the caller. */
async function isOthersPlace({ files, caller }: Host, path: string): Promise<boolean> {
  for (const directory of ancestorsOf(path)) {
    const entry = await files.readEntry(directory);
    // what lies behind something that is no directory cannot be seen: the next one above is asked
    if (entry.kind === "directory" && ![0, caller.uid].includes(entry.uid)) return true;
  }
  return false;
}

/** Unlinks a file; not being there is fine. */
export async function removeIfThere(host: Host, path: string): Promise<void> {
  const entry = await host.files.readEntry(path);
  if (entry.kind === "absent" || entry.kind === "directory") return;
  await host.writer.removeFile(path);
}

/**
 * Drops a keychain item. A keychain that cannot be reached now must not hold up every later run: the item is given back
 * as left over then. So it is below another root, whose records have no say in this system's keychain.
 */
export async function discardSecret({ keychain, host }: Tools, item: string): Promise<readonly string[]> {
  if (host.files.root !== "/") return [`the keychain item "${item}" (--root names another system)`];
  try {
    await keychain.discard(item, host.signal);
    return [];
  } catch (error) {
    return [`the keychain item "${item}" (${(error as Error).message})`];
  }
}

/** Removes a directory unless something is in it or mounted on it. False when it stays. */
export async function removeIfEmpty(host: Host, path: string): Promise<boolean> {
  const entry = await host.files.readEntry(path);
  if (entry.kind !== "directory") return true;
  try {
    await host.writer.removeDirectory(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOTEMPTY", "EEXIST", "EBUSY", "EROFS")) return false;
    throw error;
  }
}

async function undoFile(host: Host, intent: Intent, index: number, step: FileStep): Promise<boolean> {
  const { coming, old } = besideNames(intent, index);
  await removeIfThere(host, coming);
  const current = await host.files.readEntry(step.path);
  // what has been put there instead of the file is not ours; a pipe would not even let go of who opens it
  if (step.inPlace && current.kind !== "file") return false;
  if (step.inPlace) await restoreInPlace(host, intent, index, step, current);
  else if (matchesMark(current, step.before)) await removeIfThere(host, old);
  else if (!isOurs(current, step)) return false;
  else await restoreOld(host, step, old);
  return true;
}

/** After a removal the path is empty; after a write it holds what was to come. Anything else is somebody's work. */
function isOurs(current: Entry, step: FileStep): boolean {
  return matchesMark(current, step.after);
}

async function restoreOld(host: Host, step: FileStep, old: string): Promise<void> {
  if (step.before === undefined) await host.writer.removeFile(step.path);
  else await host.writer.rename(old, step.path);
  await host.writer.syncDirectory(posix.dirname(step.path));
}

async function restoreInPlace(
  host: Host,
  intent: Intent,
  index: number,
  step: FileStep,
  current: Entry,
): Promise<void> {
  if (matchesMark(current, step.before)) return;
  const copy = await host.files.readEntry(besideNames(intent, index).copy);
  if (copy.kind === "file") await host.writer.overwriteFile(step.path, copy.bytes);
}
