/** What ended an exchange early: silence, its time, the caller, or a body larger than was asked for. */
export type StopReason = "idle" | "total" | "caller" | "size";

/** The reason, and the limit that was hit: milliseconds, or bytes for "size". */
export interface Stop {
  readonly reason: StopReason;
  readonly limit: number;
}

/** The time limits of one request and its answer. */
export interface Exchange {
  /** Aborts when a limit is hit, the caller stops, or it is cut. */
  readonly signal: AbortSignal;
  /** Something moved: the silence begins anew. */
  touch(): void;
  /** No silence is counted until the next touch: it is the caller who is slow. */
  pause(): void;
  /** Whether a streamed request body is still under way. */
  uploading(underway: boolean): void;
  /** Ends it and its connection now. */
  cut(): void;
  /** Ends it; the connection stays, unless the request was still being sent. */
  end(): void;
  stoppedBy(): Stop | undefined;
}

/**
 * Starts the clock of one exchange; `end` must be called. Times are in milliseconds. While `isConnecting` says so, no
 * silence is counted: connecting has its own limit.
 */
export function startExchange(
  limits: { readonly idleMs: number; readonly totalMs: number },
  caller: AbortSignal,
  isConnecting: () => boolean,
): Exchange {
  const controller = new AbortController();
  let stop: Stop | undefined;
  let sending = false;
  const abort = (reason: StopReason, limit: number): void => {
    stop ??= { reason, limit };
    controller.abort();
  };
  const byCaller = (): void => abort("caller", 0);
  const listen = (): NodeJS.Timeout =>
    setTimeout(() => {
      if (isConnecting()) idle = listen();
      else abort("idle", limits.idleMs);
    }, limits.idleMs);
  if (caller.aborted) byCaller();
  caller.addEventListener("abort", byCaller, { once: true });
  const total = setTimeout(abort, limits.totalMs, "total", limits.totalMs);
  let idle = listen();
  return {
    signal: controller.signal,
    touch: () => {
      clearTimeout(idle);
      idle = listen();
    },
    pause: () => clearTimeout(idle),
    uploading: (underway) => {
      sending = underway;
    },
    cut: () => controller.abort(),
    end: () => {
      clearTimeout(idle);
      clearTimeout(total);
      caller.removeEventListener("abort", byCaller);
      if (sending) controller.abort();
    },
    stoppedBy: () => stop,
  };
}
