import { posix } from "node:path";
import { problem, type Problem } from "../../findings/problem.ts";
import type { Clock } from "../../host/ports.ts";
import { failure, success, type Result } from "../../result.ts";
import type { Log } from "../log.ts";
import type { DaemonPart } from "../run-daemon.ts";

/** What writes the metrics to a file. */
export interface TextfilePartOptions {
  /** For messages. */
  readonly path: string;
  /** Makes the file from the metrics as they are now. */
  readonly write: () => Promise<Result<void>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The part, and how it is told that there is something new. */
export interface TextfilePart {
  readonly part: DaemonPart;
  /** A pass is over: the file is to be written now. */
  wake(): void;
}

/** First line of the file. */
export const TEXTFILE_MARK = "# regclient daemon writes this file, for the textfile collector of node_exporter\n";

// alerts take a file that is a quarter of an hour old for one that nobody writes any more
const EVERY_MS = 5 * 60_000;

/** Checks the path of the file: node_exporter reads `*.prom` only. */
export function parseTextfilePath(path: string): Result<string> {
  const reason = !posix.isAbsolute(path)
    ? "the path must be absolute"
    : /[^/]\.prom$/.test(path)
      ? undefined
      : "the name must end in .prom, because node_exporter reads no other";
  if (reason === undefined) return success(posix.normalize(path));
  return failure(problem("RC-CFG-005", { option: `--metrics-textfile ${path}`, reason, command: "daemon" }));
}

/**
 * Writes the file at the beginning, after each pass and every five minutes: its age tells whether the daemon lives. That
 * it cannot be written is told in the log, and keeps nothing else from being done.
 */
export function createTextfilePart({ path, write, clock, log }: TextfilePartOptions): TextfilePart {
  let woken = new AbortController();
  const told: { problem: Problem | undefined } = { problem: undefined };
  const writeOnce = async (): Promise<void> => {
    const done = await write();
    tellChange(log, path, told.problem, done.ok ? undefined : done.problem);
    told.problem = done.ok ? undefined : done.problem;
  };
  const keepWriting = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(EVERY_MS, AbortSignal.any([signal, woken.signal]));
      if (signal.aborted) return;
      woken = new AbortController();
      await writeOnce();
    }
  };
  return {
    wake: () => woken.abort(),
    part: {
      name: "metrics-textfile",
      start: async (signal) => {
        await writeOnce();
        const ended = keepWriting(signal);
        // a fault of regclient stops this part, and is seen as that by `isAlive`
        const state = { alive: true };
        void ended.catch((error: unknown) => {
          state.alive = false;
          log("error", "the metrics file is not written any more, by a fault of regclient", { reason: String(error) });
        });
        return success({
          status: `writing metrics to ${path}`,
          isAlive: async () => state.alive,
          stop: async () => ended.catch(() => undefined),
        });
      },
    },
  };
}

function tellChange(log: Log, path: string, before: Problem | undefined, now: Problem | undefined): void {
  if (before?.cause === now?.cause) return;
  if (now === undefined) return log("notice", "the metrics file is written again", { path });
  log("warning", now.summary, { code: now.code, reason: now.cause });
}
