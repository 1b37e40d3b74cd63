import type { Certificate } from "./certificate.ts";
import { showFingerprint } from "./fingerprint.ts";

/** A served chain as evidence, a line each, leaf first. */
export function describeServed(served: readonly Certificate[]): readonly string[] {
  return served.map((each) => {
    const until = new Date(each.notAfter).toISOString().slice(0, 10);
    return `served: ${each.subject}, ${showFingerprint(each)}, spki:${each.spkiFingerprint}, until ${until}`;
  });
}
