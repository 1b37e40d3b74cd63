import { posix } from "node:path";
import type { SecretStore } from "../credentials/secret-store.ts";
import type { Change, FileChange, StoreSecret } from "../change.ts";
import type { Attributes, Host } from "../host/ports.ts";
import { programs } from "../runtimes/programs.ts";
import { besideNames, journalPaths, matchesMark, renderIntent, type Intent } from "./journal.ts";

const PRIVATE = 0o600;
const PROGRAM_MS = 120_000;

/** A change found another state than the one it was planned for: somebody else is writing there. */
export class Disturbed extends Error {}

/** The keychain did not take the secret: it is locked, or its session has ended. */
export class KeychainRefused extends Error {}

/** A program of the host did not do what had to be done after the files. */
export class ProgramFailed extends Error {}

/** The means with which changes are made. */
export interface Tools {
  readonly host: Host;
  readonly keychain: SecretStore;
}

/** Makes change number `index` of the journalled intent. Throws what the system throws; the caller undoes. */
export async function performChange(tools: Tools, intent: Intent, index: number, change: Change): Promise<void> {
  switch (change.kind) {
    case "file":
      return performFile(tools.host, intent, index, change);
    case "make-directory":
      return tools.host.writer.makeDirectory(change.path, change);
    case "store-secret":
      return storeSecret(tools, change);
    case "run-program":
      return runProgram(tools.host, programs[change.program].argv);
    case "remove-directory":
    case "discard-secret":
      return; // only once all is committed: until then old bytes lie there, and the secret may be needed
  }
}

/** Runs a program to its end; one that fails, or cannot be started, throws. */
export async function runProgram(host: Host, argv: readonly string[]): Promise<void> {
  const { code, stderr } = await host.processes.run(argv, { input: new Uint8Array(), timeoutMs: PROGRAM_MS });
  if (code === 0) return;
  const how = code === undefined ? "could not be run, or not within two minutes" : `ended with ${code}`;
  throw new ProgramFailed(`${argv.join(" ")} ${how}${stderr === "" ? "" : `: ${stderr.slice(0, 500)}`}`);
}

/** Owner for files that belong to whoever runs regclient: root on a real host. */
export function ownedByCaller(host: Host, mode: number): Attributes {
  return { mode, uid: host.caller.uid, gid: host.caller.gid };
}

/** Marks in the journal that a file is written in place, so that a torn write is known to be ours. */
async function noteInPlace(host: Host, intent: Intent, index: number): Promise<void> {
  const step = intent.steps[index];
  if (step?.kind === "file") step.inPlace = true;
  await writeIntent(host, intent);
}

/** Writes or rewrites the intent: whole or not at all. */
export async function writeIntent(host: Host, intent: Intent): Promise<void> {
  await host.writer.createFile(journalPaths.draft, renderIntent(intent), ownedByCaller(host, PRIVATE));
  await host.writer.rename(journalPaths.draft, journalPaths.intent);
  await host.writer.syncDirectory(journalPaths.directory);
}

async function storeSecret({ keychain, host }: Tools, { item, secret }: StoreSecret): Promise<void> {
  try {
    await keychain.store(item, secret, host.signal);
  } catch (error) {
    throw new KeychainRefused((error as Error).message);
  }
}

async function performFile(host: Host, intent: Intent, index: number, change: FileChange): Promise<void> {
  await refuseDisturbed(host, intent, index, change.path);
  const { writer } = host;
  const { coming, old } = besideNames(intent, index);
  const directory = posix.dirname(change.path);
  if (change.after === undefined) {
    await writer.rename(change.path, old);
  } else {
    await writer.createFile(coming, change.after.bytes, change.after);
    const kept = change.before === undefined || (await keepOld(host, change.path, old));
    // what came before took its time to reach the disk: an editor may have saved meanwhile
    await refuseDisturbed(host, intent, index, change.path);
    if (kept && (await renameOver(host, coming, change.path))) return writer.syncDirectory(directory);
    await writeInPlace(host, intent, index, change);
    await writer.removeFile(coming);
  }
  await writer.syncDirectory(directory);
}

async function refuseDisturbed(host: Host, intent: Intent, index: number, path: string): Promise<void> {
  const step = intent.steps[index];
  const mark = step?.kind === "file" ? step.before : undefined;
  if (!matchesMark(await host.files.readEntry(path), mark)) {
    throw new Disturbed(`${path} was changed by something else while regclient was at work`);
  }
}

/** False where a second name cannot be had: the file is a mount point, or the file system has no hard links. */
async function keepOld(host: Host, path: string, old: string): Promise<boolean> {
  try {
    await host.writer.linkFile(path, old);
    return true;
  } catch (error) {
    if (hasCode(error, "EXDEV", "EPERM", "ENOTSUP", "EMLINK", "EBUSY")) return false;
    throw error;
  }
}

async function renameOver(host: Host, coming: string, path: string): Promise<boolean> {
  try {
    await host.writer.rename(coming, path);
    return true;
  } catch (error) {
    if (hasCode(error, "EBUSY", "EXDEV")) return false;
    throw error;
  }
}

async function writeInPlace(host: Host, intent: Intent, index: number, change: FileChange): Promise<void> {
  const { copy } = besideNames(intent, index);
  if (change.before === undefined || change.after === undefined)
    throw new Disturbed(`${change.path} cannot be replaced`);
  await host.writer.createFile(copy, change.before.bytes, ownedByCaller(host, PRIVATE));
  await host.writer.syncDirectory(journalPaths.directory);
  await noteInPlace(host, intent, index);
  await host.writer.overwriteFile(change.path, change.after.bytes);
}

/** True for a system error with one of the codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? "");
}

/** True for an error of the operating system; anything else is a bug of ours. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
