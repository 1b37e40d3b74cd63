import { problem, type Problem } from "../findings/problem.ts";
import type { LockHold, ReadFiles } from "../host/ports.ts";
import { failure, success, type Result } from "../result.ts";
import { journalPaths } from "./journal.ts";
import { hasCode, isSystemError, type Tools } from "./perform.ts";
import { JournalUnreadable, recover, type Recovery } from "./transaction.ts";

const RETRY_MS = 50;

/** What happens around locked work, told to whoever watches. */
export interface LockEvents {
  waiting(heldBy: string): void;
  recovered(recovery: Recovery): void;
}

/**
 * Runs `work` while no other regclient can change this host, after cleaning up what an interrupted run left.
 * Waits at most `timeoutMs` for the lock, then fails with exit code 8.
 */
export async function whileLocked<T>(
  tools: Tools,
  timeoutMs: number,
  events: LockEvents,
  work: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const held = await acquire(tools, timeoutMs, events);
  if (!held.ok) return held;
  try {
    const settled = await settle(tools, events);
    return settled.ok ? await work() : settled;
  } finally {
    held.value.release();
  }
}

/** Whether a run is under way, or was interrupted: only the lock tells which. */
export async function isJournalThere(files: ReadFiles): Promise<boolean> {
  return (await files.readEntry(journalPaths.directory)).kind !== "absent";
}

async function settle(tools: Tools, events: LockEvents): Promise<Result<void>> {
  try {
    const recovery = await recover(tools);
    if (recovery !== undefined) events.recovered(recovery);
    return success(undefined);
  } catch (error) {
    if (error instanceof JournalUnreadable) return failure(problem("RC-HST-011", { path: error.message }));
    if (!isSystemError(error)) throw error;
    return failure(problem("RC-HST-007", { cause: error.message }, [error.message]));
  }
}

async function acquire(tools: Tools, timeoutMs: number, events: LockEvents): Promise<Result<LockHold>> {
  const { clock, lock, signal } = tools.host;
  const deadline = clock.elapsed() + timeoutMs;
  let told = false;
  for (;;) {
    if (signal.aborted) return failure(problem("RC-HST-008", {}));
    const attempt = await lock.tryAcquire().catch((error: unknown) => ({ refused: error }));
    if ("refused" in attempt) return failure(explainLockError(attempt.refused));
    if ("release" in attempt) return { ok: true, value: attempt };
    if (!told) events.waiting(attempt.heldBy);
    told = true;
    if (clock.elapsed() >= deadline) {
      const facts = { seconds: String(timeoutMs / 1000), holder: attempt.heldBy };
      return failure(problem("RC-LCK-001", facts, [`held by ${attempt.heldBy}`]));
    }
    await clock.sleep(RETRY_MS, signal);
  }
}

function explainLockError(error: unknown): Problem {
  const cause = (error as Error).message;
  const isRight = hasCode(error, "EACCES", "EPERM", "EROFS") || /readonly|unable to open/i.test(cause);
  return problem(isRight ? "RC-HST-006" : "RC-HST-009", { cause }, [cause]);
}
