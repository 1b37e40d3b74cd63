const MINUTE = 60_000;
// what a proxy that keeps a body back may take to pass it on, and a registry to look through what it got
const BYTES_HELD_PER_MS = 10_000;
const SLOWEST_LINE_PER_MS = 50;

/** Time limits, milliseconds, for moving `size` bytes: what stands still is given up long before the total. */
export function limitsFor(size: number): { readonly idleMs: number; readonly totalMs: number } {
  return {
    idleMs: MINUTE / 2 + Math.ceil(size / BYTES_HELD_PER_MS),
    totalMs: 10 * MINUTE + Math.ceil(size / SLOWEST_LINE_PER_MS),
  };
}
