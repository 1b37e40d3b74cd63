/** Why something could not be done, and what to do about it. */
export interface Fault {
  readonly summary: string;
  /** What was seen: the end of a log, a server's answer. Never a secret. */
  readonly evidence: readonly string[];
  readonly fix: readonly string[];
  /** 2: the command line is wrong. 1: all else. */
  readonly exit: 1 | 2;
}

/** What an operation that may fail in an expected way gives back. Bugs throw. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

/** A success that carries `value`. */
export function done<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** A failure. `fix` holds commands to paste or one short thing to do; `evidence` what was seen. */
export function failed(
  summary: string,
  fix: readonly string[] = [],
  evidence: readonly string[] = [],
): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: { summary, evidence, fix, exit: 1 } };
}

/** A failure of the command line or of a settings file. */
export function misused(summary: string, fix: readonly string[] = []): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: { summary, evidence: [], fix, exit: 2 } };
}
