import type { Certificate } from "./certificate.ts";
import { pinMatches, type Pin } from "./fingerprint.ts";

/** The certificates of a served chain that a pin vouches for (leaf, intermediate or root), in the order served. */
export function chooseAnchors(served: readonly Certificate[], pins: readonly Pin[]): readonly Certificate[] {
  return dropDuplicates(served.filter((certificate) => pins.some((pin) => pinMatches(pin, certificate))));
}

/** The same certificates, each once, in order. */
export function dropDuplicates(certificates: readonly Certificate[]): readonly Certificate[] {
  return [...new Map(certificates.map((one) => [one.fingerprint, one] as const)).values()];
}
