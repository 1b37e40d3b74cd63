import { dockerTrustStore } from "./docker.ts";
import type { TrustStore } from "./trust-store.ts";

/** The trust stores that a declaration's `runtimes` stand for, in the order they are written. */
export function trustStoresFor(runtimes: readonly string[]): readonly TrustStore[] {
  const all = [dockerTrustStore];
  return all.filter((store) => runtimes.includes("auto") || runtimes.includes(store.id));
}
