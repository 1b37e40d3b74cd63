import { describe, expect, test } from "vitest";
import { chooseAnchors } from "../../src/trust/anchors.ts";
import { parseFingerprint, pinMatches, showFingerprint, showPin } from "../../src/trust/fingerprint.ts";
import { makeCA, makeLeaf } from "../support/pki.ts";

const hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const bytes = Buffer.from(hex, "hex");
const colons = hex.toUpperCase().match(/../g)?.join(":") ?? "";
const base64 = bytes.toString("base64");
const base64url = bytes.toString("base64url");

describe("read as a certificate's fingerprint", () => {
  test.each([
    hex,
    hex.toUpperCase(),
    `sha256:${hex}`,
    `SHA256:${hex}`,
    `sha-256:${hex}`,
    `  sha256:${hex}\n`,
    colons,
    colons.toLowerCase(),
    colons.replaceAll(":", " "),
    `SHA256 Fingerprint=${colons}`,
    `sha256 Fingerprint=${colons}`,
    `SHA256 Fingerprint: ${colons}`,
    `sha256:${colons}`,
    base64,
    base64url,
    `SHA256:${base64.replace("=", "")}`,
    `sha256:${base64}`,
  ])("%s", (text) => {
    expect(parseFingerprint(text)).toEqual({ ok: true, value: { kind: "certificate", hex } });
  });
});

describe("read as a key's fingerprint", () => {
  test.each([
    `spki:${hex}`,
    `spki:sha256:${hex}`,
    `SPKI:${colons}`,
    `spki:${base64}`,
    `sha256//${base64}`,
    `spki:sha256//${base64}`,
  ])("%s", (text) => {
    expect(parseFingerprint(text)).toEqual({ ok: true, value: { kind: "spki", hex } });
  });
});

describe("refused", () => {
  test.each([
    ["", "it is empty"],
    ["sha256:", "it is empty"],
    ["a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "SHA-1"],
    ["SHA1 Fingerprint=A9:4A:8F:E5:CC:B1:9B:A6:1C:4C:08:73:D3:91:E9:87:98:2F:BB:D3", "SHA-1"],
    ["sha1:a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "SHA-1"],
    ["098f6bcd4621d373cade4e832627b4f6", "MD5"],
    [hex.slice(1), "63 hex digits"],
    [`${hex}00`, "66 hex digits"],
    [colons.replace(":", ""), "between all pairs"],
    [`${base64.slice(0, 42)}9=`, "neither"],
    [`${base64}=`, "neither"],
    ["devregistry", "neither"],
    [`sha512:${hex}`, "neither"],
  ])("%s", (text, reason) => {
    const parsed = parseFingerprint(text);
    expect(parsed).toMatchObject({ ok: false, problem: { code: "RC-TRU-001", exit: 2 } });
    expect(parsed.ok ? "" : parsed.problem.cause).toContain(reason);
  });
});

test("a pin matches its certificate, or whatever certificate has its key, and survives showing", () => {
  const first = makeLeaf({ commonName: "one" });
  const renewed = makeLeaf({ commonName: "one", key: first.key, serial: "01" });
  const pin = parseFingerprint(showFingerprint(first.certificate));
  const keyPin = parseFingerprint(`spki:${first.certificate.spkiFingerprint}`);
  if (!pin.ok || !keyPin.ok) throw new Error("both must be readable");
  expect([pinMatches(pin.value, first.certificate), pinMatches(pin.value, renewed.certificate)]).toEqual([true, false]);
  expect([pinMatches(keyPin.value, first.certificate), pinMatches(keyPin.value, renewed.certificate)]).toEqual([
    true,
    true,
  ]);
  expect([pin.value, keyPin.value].map(showPin).map(parseFingerprint)).toEqual([pin, keyPin]);
});

test("anchors are what the pins vouch for in the served chain, once and in order", () => {
  const root = makeCA({ commonName: "Root" }).certificate;
  const leaf = makeLeaf({ commonName: "leaf" }).certificate;
  const pinRoot = { kind: "certificate", hex: root.fingerprint } as const;
  const pinLeafKey = { kind: "spki", hex: leaf.spkiFingerprint } as const;
  expect(chooseAnchors([leaf, root, root], [pinRoot, pinLeafKey])).toEqual([leaf, root]);
  expect(chooseAnchors([leaf, root], [pinRoot])).toEqual([root]);
  expect(chooseAnchors([leaf], [pinRoot])).toEqual([]);
});
