import { expect, test } from "vitest";
import { oidOf, readDer } from "../../src/trust/der.ts";

/** An OBJECT IDENTIFIER of `length` octets: 1.2, and one arc that takes up the rest. */
function oidOfLength(length: number): string {
  const header = length < 128 ? [6, length] : [6, 0x81, length];
  const content = [42, ...Array.from({ length: length - 2 }, () => 0x81), 1];
  return oidOf(readDer(Uint8Array.from([...header, ...content])));
}

test("an object identifier is read up to 128 octets, and unknown beyond", () => {
  expect(oidOfLength(3)).toBe("1.2.129");
  expect(oidOfLength(128)).toMatch(/^1\.2\.\d{260,}$/);
  expect(oidOfLength(129)).toBe("");
});
