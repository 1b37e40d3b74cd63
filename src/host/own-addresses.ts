import { networkInterfaces } from "node:os";

/** The addresses that this host has itself: what is asked of one of them crosses no network. */
export function listOwnAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
}
