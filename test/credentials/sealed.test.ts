import * as fc from "fast-check";
import { expect, test } from "vitest";
import { makeSealingKey, seal, unseal } from "../../src/credentials/sealed.ts";
import { reveal, secret } from "../../src/credentials/secret.ts";

const key = makeSealingKey();
const bound = '["devregistry","xl"]';

function opened(bytes: Uint8Array, withKey = key, to = bound): string | undefined {
  const found = unseal(withKey, to, bytes);
  return found === undefined ? undefined : reveal(found);
}

test("what was sealed is opened again, and shows nothing meanwhile", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const bytes = seal(key, bound, secret(text));
      expect(opened(bytes)).toBe(text);
    }),
  );
  expect(Buffer.from(seal(key, bound, secret("tr0ub4dor"))).toString()).not.toContain("tr0ub4dor");
});

test("the same secret is never sealed to the same bytes", () => {
  expect(seal(key, bound, secret("x"))).not.toEqual(seal(key, bound, secret("x")));
});

test.each([
  ["another key", makeSealingKey(), bound],
  ["a key of the wrong length", new Uint8Array(16), bound],
  ["another registry", key, '["other","xl"]'],
  ["another user", key, '["devregistry","root"]'],
])("it does not open with %s", (_, withKey, to) => {
  expect(opened(seal(key, bound, secret("x")), withKey, to)).toBe(undefined);
});

test("no byte of it can be changed", () => {
  const bytes = seal(key, bound, secret("tr0ub4dor"));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ flip : byte));
      // white space around the JSON is no part of it
      expect([undefined, "tr0ub4dor"]).toContain(opened(changed));
      if (at < bytes.length - 1) expect(opened(changed)).toBe(undefined);
    }),
  );
});

test.each([
  ["a short tag", { tag: "AAAA" }],
  ["a short nonce", { nonce: "" }],
  ["another cipher", { cipher: "aes-256-ctr" }],
  ["another version", { version: 2 }],
  ["more keys", { more: 1 }],
])("%s is refused", (_, changes) => {
  const plain = JSON.parse(Buffer.from(seal(key, bound, secret("x"))).toString()) as object;
  expect(opened(Buffer.from(JSON.stringify({ ...plain, ...changes })))).toBe(undefined);
});

test("bytes that were never sealed open to nothing, and throw nothing", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        expect(opened(bytes)).toBe(undefined);
      },
    ),
  );
});
