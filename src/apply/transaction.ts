import { posix } from "node:path";
import { problem, type Problem } from "../findings/problem.ts";
import type { Change } from "../change.ts";
import type { Attributes, Host } from "../host/ports.ts";
import { failure, success, type Result } from "../result.ts";
import { intentFor, journalPaths, parseIntent, type Intent } from "./journal.ts";
import {
  Disturbed,
  KeychainRefused,
  ProgramFailed,
  hasCode,
  isSystemError,
  ownedByCaller,
  performChange,
  writeIntent,
  type Tools,
} from "./perform.ts";
import { discardSecret, removeIfEmpty, removeIfThere, sweepBeside, undoIntent } from "./undo.ts";

/** What the clean-up after an interrupted run found and did. */
export interface Recovery {
  readonly command: string;
  readonly outcome: "undone" | "finished";
  /** Paths that had been changed by something else and were left. */
  readonly left: readonly string[];
}

/**
 * Makes all changes or none. They are journalled first; on any error, and after a crash at the next `recover`, the host
 * is as before. The lock must be held. `id` names the journal's helper files and is hex. Gives what could not be cleaned up.
 */
export async function applyChanges(
  tools: Tools,
  command: string,
  id: string,
  changes: readonly Change[],
): Promise<Result<readonly string[]>> {
  if (changes.length === 0) return success([]);
  const intent = intentFor(id, command, changes);
  try {
    await beginJournal(tools.host, intent);
    for (const [index, change] of changes.entries()) await performChange(tools, intent, index, change);
    await tools.host.writer.rename(journalPaths.intent, journalPaths.committed);
    await tools.host.writer.syncDirectory(journalPaths.directory);
  } catch (error) {
    return failure(await rollBack(tools, intent, error));
  }
  return success(await finishOrLeave(tools, intent));
}

/** Undoes or finishes what an interrupted run left. The lock must be held. Nothing left over: undefined. */
export async function recover(tools: Tools): Promise<Recovery | undefined> {
  const { host } = tools;
  if ((await host.files.readEntry(journalPaths.directory)).kind !== "directory") {
    await removeEmptyState(host);
    return undefined;
  }
  const committed = await readIntent(host, journalPaths.committed);
  if (committed !== undefined) {
    const left = await finishCommitted(tools, committed);
    return { command: committed.command, outcome: "finished", left };
  }
  const intent = await readIntent(host, journalPaths.intent);
  const left = intent === undefined ? [] : await undoIntent(tools, intent);
  if (intent !== undefined) await sweepBeside(host, intent);
  await closeJournal(host);
  return intent && { command: intent.command, outcome: "undone", left };
}

async function beginJournal(host: Host, intent: Intent): Promise<void> {
  await makeParents(host, journalPaths.state);
  await makeMissing(host, journalPaths.state, ownedByCaller(host, 0o755));
  await makeMissing(host, journalPaths.directory, ownedByCaller(host, 0o700));
  await writeIntent(host, intent);
}

/** Only below a scratch root is /var/lib not there. */
async function makeParents(host: Host, path: string): Promise<void> {
  const parent = posix.dirname(path);
  if (parent === "/") return;
  await makeParents(host, parent);
  await makeMissing(host, parent, ownedByCaller(host, 0o755));
}

async function makeMissing(host: Host, path: string, attributes: Attributes): Promise<void> {
  if ((await host.files.readEntry(await host.files.resolveLinks(path))).kind === "directory") return;
  await host.writer.makeDirectory(path, attributes);
}

/** A journal is there that says nothing we know: beside it may lie the only copy of old bytes. */
export class JournalUnreadable extends Error {}

async function readIntent(host: Host, path: string): Promise<Intent | undefined> {
  const entry = await host.files.readEntry(path, 16 * 1024 * 1024);
  if (entry.kind === "absent") return undefined;
  const intent = entry.kind === "file" ? parseIntent(entry.bytes) : undefined;
  if (intent === undefined) throw new JournalUnreadable(path);
  return intent;
}

async function rollBack(tools: Tools, intent: Intent, error: unknown): Promise<Problem> {
  const cause = describe(error);
  const undone = await undoAll(tools, intent);
  if (!undone.ok) return problem("RC-HST-002", { cause, undo: undone.reason }, [cause]);
  // everything is as before: what is a bug may now say so
  const isExpected = [Disturbed, KeychainRefused, ProgramFailed].some((kind) => error instanceof kind);
  if (!isSystemError(error) && !isExpected) throw error;
  const evidence = undone.left.map((path) => `left as it is now: ${path}`);
  const isLeft = undone.left.length > 0 && !(error instanceof ProgramFailed);
  const code = isLeft ? "RC-HST-010" : codeFor(error);
  return problem(code, { cause, reason: cause }, [cause, ...evidence]);
}

type Undone = { readonly ok: true; readonly left: readonly string[] } | { readonly ok: false; readonly reason: string };

async function undoAll(tools: Tools, intent: Intent): Promise<Undone> {
  try {
    const left = await undoIntent(tools, intent);
    await sweepBeside(tools.host, intent);
    await closeJournal(tools.host);
    return { ok: true, left };
  } catch (error) {
    return { ok: false, reason: describe(error) };
  }
}

function codeFor(error: unknown): Problem["code"] {
  if (error instanceof Disturbed) return "RC-HST-005";
  if (error instanceof ProgramFailed) return "RC-HST-012";
  if (error instanceof KeychainRefused) return "RC-CRD-002";
  if (hasCode(error, "ENOSPC", "EDQUOT")) return "RC-HST-003";
  if (hasCode(error, "EACCES", "EPERM", "EROFS")) return "RC-HST-004";
  return "RC-HST-001";
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What is committed holds: the clean-up that fails now is done by the next run. */
async function finishOrLeave(tools: Tools, intent: Intent): Promise<readonly string[]> {
  try {
    return await finishCommitted(tools, intent);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [`cleaning up is left to the next run: ${describe(error)}`];
  }
}

async function finishCommitted(tools: Tools, intent: Intent): Promise<readonly string[]> {
  const left: string[] = [];
  for (const step of intent.steps) {
    if (step.kind === "discard-secret") left.push(...(await discardSecret(tools, step.item)));
  }
  await sweepBeside(tools.host, intent);
  for (const step of intent.steps) {
    // what somebody has put there in the meantime keeps the directory
    if (step.kind === "remove-directory") await removeIfEmpty(tools.host, step.path);
  }
  await closeJournal(tools.host);
  return left;
}

/** The intent goes first: without it, what else is in the journal means nothing. */
async function closeJournal(host: Host): Promise<void> {
  for (const path of [journalPaths.intent, journalPaths.committed]) await removeIfThere(host, path);
  const entry = await host.files.readEntry(journalPaths.directory);
  if (entry.kind !== "directory") return removeEmptyState(host);
  for (const name of entry.names) await removeIfThere(host, `${journalPaths.directory}/${name}`);
  await removeIfEmpty(host, journalPaths.directory);
  await removeEmptyState(host);
}

async function removeEmptyState(host: Host): Promise<void> {
  const entry = await host.files.readEntry(journalPaths.state);
  if (entry.kind === "directory" && entry.names.length === 0) await removeIfEmpty(host, journalPaths.state);
}
