import { describe, expect, test } from "vitest";
import { loadLikeGo } from "../../src/trust/go-pool.ts";
import { makeCaFileRows } from "../support/ca-file-rows.ts";
import { makeCertificate } from "../support/pki.ts";

describe("of a ca.crt, Go loads what it should", () => {
  test.each(makeCaFileRows().rows.map((row) => [row.title, row] as const))("%s", (_, { bytes, loads }) => {
    expect(loadLikeGo(bytes)).toEqual(loads);
  });
});

test("a certificate that Go cannot read is skipped", () => {
  expect(loadLikeGo(Buffer.from(makeCertificate({ serial: "80" }).certificate.pem))).toEqual([]);
});

// the daemon reads such files too: what costs the square of their length would keep it from all else
test.each([
  ["a million spaces in front of something else", `${" ".repeat(1_000_000)}x`],
  ["a hundred thousand blocks", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".repeat(100_000)],
])("%s come to an end", (_, text) => {
  expect(loadLikeGo(Buffer.from(text))).toEqual([]);
});
