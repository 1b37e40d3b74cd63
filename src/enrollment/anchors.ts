import { readCertificates } from "../trust/bundle.ts";
import type { Certificate } from "../trust/certificate.ts";
import type { Anchor } from "./state.ts";

/** The certificates of anchors; one that no longer parses is left out. */
export function parseAnchors(anchors: readonly Pick<Anchor, "fingerprint" | "pem">[]): readonly Certificate[] {
  return anchors.flatMap((anchor) => {
    const read = readCertificates(Buffer.from(anchor.pem), anchor.fingerprint);
    return read.ok ? read.value : [];
  });
}
