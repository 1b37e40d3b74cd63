import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCertificates, renderBundle } from "../../src/trust/bundle.ts";
import { armour, makeCA, makeLeaf, makePkcs7 } from "../support/pki.ts";

const ca = makeCA({ commonName: "Lab CA" });
const leaf = makeLeaf({ issuer: ca, dns: ["devregistry"] });
const [one, two] = [leaf.certificate, ca.certificate];
const both = one.pem + two.pem;
const pkcs7 = makePkcs7([one, two]);
const aux = Buffer.concat([one.der, Buffer.from("300a0c0841206c6162656c21", "hex")]);
const openssl = (args: readonly string[], input: string): Buffer => execFileSync("openssl", args, { input });
// openssl opens /dev/stdin by name only when it is a true pipe
const piped = (command: string, input: string): Buffer => execFileSync("sh", ["-c", `cat | ${command}`], { input });

describe("certificates are found in", () => {
  const cases: readonly (readonly [string, string | Uint8Array, readonly unknown[]])[] = [
    ["PEM", both, [one, two]],
    ["PEM with CRLF", both.replaceAll("\n", "\r\n"), [one, two]],
    ["PEM without a final newline", both.trimEnd(), [one, two]],
    ["PEM with text around", `subject=CN = x\n${one.pem}\nfriendlyName: y\n${two.pem}end`, [one, two]],
    [
      "what openssl s_client prints, cut",
      `0 s:CN = devregistry\n   i:CN = Lab CA\n${one.pem} 1 s:CN = Lab CA\n${two.pem}---\n`,
      [one, two],
    ],
    ["PEM with a byte order mark", `\ufeff${both}`, [one, two]],
    ["PEM as UTF-16", Buffer.from(`\ufeff${both}`, "utf16le"), [one, two]],
    ["PEM with spaces after the lines", both.replaceAll("\n", "  \n"), [one, two]],
    ["PEM with long lines", armour("CERTIFICATE", one.der).replaceAll(/(?<=[A-Za-z0-9+/=])\n(?!-)/g, ""), [one]],
    ["X509 CERTIFICATE", armour("X509 CERTIFICATE", one.der), [one]],
    ["TRUSTED CERTIFICATE", armour("TRUSTED CERTIFICATE", aux), [one]],
    [
      "openssl's TRUSTED CERTIFICATE",
      openssl(["x509", "-trustout", "-addtrust", "serverAuth", "-setalias", "lab"], one.pem),
      [one],
    ],
    ["duplicates", both + one.pem, [one, two]],
    ["DER", one.der, [one]],
    ["PKCS#7 DER", pkcs7, [one, two]],
    ["PKCS#7 PEM", armour("PKCS7", pkcs7), [one, two]],
    ["CMS PEM", armour("CMS", pkcs7), [one, two]],
    [
      "PKCS#7 in bare base64, as EST sends it",
      Buffer.from(pkcs7).toString("base64").replaceAll(/.{64}/g, "$&\r\n"),
      [one, two],
    ],
    ["DER in bare base64", Buffer.from(one.der).toString("base64"), [one]],
    ["openssl's PKCS#7", piped("openssl crl2pkcs7 -nocrl -certfile /dev/stdin", both), [one, two]],
    ["other blocks beside", `${armour("DH PARAMETERS", Buffer.from([1]))}${one.pem}`, [one]],
  ];
  test.each(cases)("%s", (_, content, expected) => {
    expect(readCertificates(Buffer.from(content), "ca.crt")).toEqual({ ok: true, value: expected });
  });
});

describe("refused", () => {
  const key = leaf.keyPem;
  const keyDer = (type: "pkcs8" | "sec1"): Buffer => leaf.key.export({ type, format: "der" });
  const encrypted = leaf.key.export({ type: "pkcs8", format: "der", cipher: "aes-256-cbc", passphrase: "p" });
  const broken = one.pem.replace("MII", "MI*").replace("MIIB", "M*IB");
  const cases: readonly (readonly [string, string | Uint8Array, string, string])[] = [
    ["nothing", "", "RC-TLS-031", "ca.crt is empty"],
    ["white space", " \n\n", "RC-TLS-031", "ca.crt is empty"],
    ["too much", Buffer.alloc(1024 * 1024 + 1, 0x41), "RC-TLS-032", "1048577 bytes"],
    ["text", "hello\n", "RC-TLS-033", "something else"],
    ["a web page", "<!DOCTYPE html><p>404", "RC-TLS-033", "a web page"],
    ["JSON", '{"errors":[]}', "RC-TLS-033", "JSON"],
    ["another kind of block", armour("CERTIFICATE REQUEST", Buffer.from([48, 0])), "RC-TLS-033", "CERTIFICATE REQUEST"],
    ["PKCS#7 without certificates", makePkcs7([]), "RC-TLS-033", "PKCS#7"],
    ["broken base64", `${two.pem}${broken}`, "RC-TLS-034", `line ${two.pem.split("\n").length}`],
    ["no END", `# c\n${one.pem.slice(0, 200)}`, "RC-TLS-034", "line 2"],
    ["no END, then another", `${one.pem.slice(0, 200)}\n${two.pem}`, "RC-TLS-034", "line 1"],
    ["a block that is no certificate", armour("CERTIFICATE", Buffer.from([48, 0])), "RC-TLS-034", "line 1"],
    ["a PKCS7 block that is none", armour("PKCS7", one.der), "RC-TLS-034", "not PKCS#7"],
    ["broken DER", one.der.slice(0, -1), "RC-TLS-035", "not DER"],
    ["a private key", key, "RC-TLS-036", "line 1"],
    ["a private key after the certificate", one.pem + key, "RC-TLS-036", `line ${one.pem.split("\n").length}`],
    ["half a private key", key.slice(0, 60), "RC-TLS-036", "a private key"],
    ["PKCS#8 in DER", keyDer("pkcs8"), "RC-TLS-036", "PKCS#8"],
    ["an EC key in DER", keyDer("sec1"), "RC-TLS-036", "EC private key"],
    ["an encrypted key in DER", encrypted, "RC-TLS-036", "encrypted private key"],
    ["a key in bare base64", keyDer("pkcs8").toString("base64"), "RC-TLS-036", "PKCS#8"],
  ];
  test.each(cases)("%s", (_, content, code, words) => {
    const read = readCertificates(Buffer.from(content), "ca.crt");
    expect(read).toMatchObject({ ok: false, problem: { code, exit: 2 } });
    const told = read.ok ? "" : JSON.stringify(read.problem);
    expect(told).toContain(words);
    expect(told).toContain("ca.crt");
    for (const line of key.split("\n").filter((part) => part.length > 20 && !part.startsWith("-")))
      expect(told).not.toContain(line.slice(0, 20));
  });

  test("a PKCS#12 store", () => {
    const args = ["pkcs12", "-export", "-passout", "pass:p"];
    expect(readCertificates(openssl(args, key + one.pem), "x.p12")).toMatchObject({ problem: { code: "RC-TLS-036" } });
  });
});

test("any bytes give certificates or a problem", () => {
  const pieces = fc.constantFrom(
    one.pem,
    two.pem,
    "-----BEGIN CERTIFICATE-----\n",
    "-----END CERTIFICATE-----\n",
    "MIIB",
    "\r",
    "\n",
    "\ufeff",
    "0",
  );
  const text = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 8 }).map((parts) => Buffer.from(parts.join("")));
  const slices = fc.nat({ max: pkcs7.length }).map((length) => Buffer.from(pkcs7.slice(0, length)));
  fc.assert(
    fc.property(fc.oneof(text, slices, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const read = readCertificates(bytes, "x");
      expect(read.ok ? read.value.length > 0 : /^RC-TLS-03\d$/.test(read.problem.code)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test("a bundle is plain PEM, each certificate once with a final newline, and reads back", () => {
  const bundle = renderBundle([two, one, two]);
  expect(bundle).toBe(two.pem + one.pem);
  expect(bundle).toMatch(/^(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n){2}$/);
  expect(readCertificates(Buffer.from(bundle), "ca.crt")).toEqual({ ok: true, value: [two, one] });
  expect(renderBundle([])).toBe("");
});
