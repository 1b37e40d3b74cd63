import type { Problem } from "./findings/problem.ts";

/** What an operation that may fail in an expected way gives back. Bugs throw instead. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** A success that carries `value`. */
export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** A failure that carries `problem`. */
export function failure(problem: Problem): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem };
}
