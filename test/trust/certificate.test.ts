import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCertificate, type Certificate } from "../../src/trust/certificate.ts";
import { clientAuth, makeCA, makeCertificate, makeLeaf, serverAuth } from "../support/pki.ts";

const ca = makeCA({ commonName: "Lab CA", organization: "Lab, Inc.", basicConstraints: { ca: true, pathLength: 1 } });
const leaf = makeLeaf({
  issuer: ca,
  commonName: "devregistry",
  dns: ["devregistry", "*.reg.test"],
  ip: ["10.10.62.103", "fd00:0:0:0:0:0:0:5"],
  keyUsage: ["digitalSignature", "keyEncipherment"],
  extendedKeyUsage: [serverAuth, clientAuth],
  serial: "00f0",
  notBefore: Date.UTC(2024, 1, 29, 12, 30, 59),
  notAfter: Date.UTC(2051, 11, 31, 23, 59, 59),
});

test("all fields are read", () => {
  expect(leaf.certificate).toMatchObject({
    subject: "CN=devregistry",
    issuer: String.raw`CN=Lab CA,O=Lab\, Inc.`,
    issuerKey: ca.certificate.subjectKey,
    authorityKeyId: ca.certificate.subjectKeyId,
    serial: "f0",
    notBefore: Date.UTC(2024, 1, 29, 12, 30, 59),
    notAfter: Date.UTC(2051, 11, 31, 23, 59, 59),
    commonName: "devregistry",
    hasSubjectAltName: true,
    dnsNames: ["devregistry", "*.reg.test"],
    ipAddresses: ["10.10.62.103", "fd00::5"],
    isCA: false,
    pathLength: undefined,
    keyUsage: ["digitalSignature", "keyEncipherment"],
    extendedKeyUsage: [serverAuth, clientAuth],
    signatureAlgorithm: "ecdsa-with-SHA256",
    keyType: "ECDSA P-256",
    version: 3,
    unhandledCritical: [],
    goRefusal: undefined,
  });
  expect(ca.certificate).toMatchObject({
    isCA: true,
    pathLength: 1,
    keyUsage: ["keyCertSign", "cRLSign"],
    extendedKeyUsage: undefined,
    hasSubjectAltName: false,
    organization: "Lab, Inc.",
  });
});

describe("agrees with OpenSSL", () => {
  const cases: readonly (readonly [string, Certificate])[] = [
    ["leaf", leaf.certificate],
    ["ca", ca.certificate],
    ["rsa", makeLeaf({ commonName: "r", key: "rsa" }).certificate],
    ["ed25519", makeLeaf({ commonName: "e", key: "ed25519" }).certificate],
    ["version 1", makeLeaf({ commonName: "one", version: 1 }).certificate],
    ["far future", makeLeaf({ commonName: "f", notAfter: Date.UTC(9999, 11, 31, 23, 59, 59) }).certificate],
    ["before 1970", makeLeaf({ commonName: "b", notBefore: Date.UTC(1955, 0, 2) }).certificate],
  ];
  test.each(cases)("%s", (_, certificate) => {
    const other = new X509Certificate(certificate.pem);
    expect(certificate.fingerprint).toBe(other.fingerprint256.replaceAll(":", "").toLowerCase());
    expect(certificate.serial).toBe(other.serialNumber.toLowerCase());
    expect(certificate.notBefore).toBe(other.validFromDate.getTime());
    expect(certificate.notAfter).toBe(other.validToDate.getTime());
    expect(certificate.isCA === true).toBe(other.ca);
    expect(certificate.keyType.split(" ")[0]?.toLowerCase()).toMatch(
      new RegExp(`^${other.publicKey.asymmetricKeyType === "ec" ? "ecdsa" : other.publicKey.asymmetricKeyType}$`),
    );
    const shown = execFileSync("openssl", ["x509", "-noout", "-subject", "-nameopt", "RFC2253"], {
      input: certificate.pem,
      encoding: "utf8",
    });
    expect(`subject=${certificate.subject}\n`).toBe(shown);
    const spki = execFileSync(
      "sh",
      ["-c", "openssl x509 -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum"],
      {
        input: certificate.pem,
        encoding: "utf8",
      },
    );
    expect(spki).toContain(certificate.spkiFingerprint);
  });
});

test("what openssl makes by default is read", () => {
  const text = execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "/dev/null",
      "-subj",
      "/C=DE/O=Lab/CN=devregistry",
      "-outform",
      "DER",
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const parsed = parseCertificate(text);
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      subject: "CN=devregistry,O=Lab,C=DE",
      isCA: true,
      keyType: "RSA 2048",
      signatureAlgorithm: "sha256WithRSAEncryption",
    },
  });
});

test("what Go refuses to read is said in its words", () => {
  const refusal = (request: Parameters<typeof makeCertificate>[0]): string | undefined =>
    makeCertificate(request).certificate.goRefusal;
  expect(refusal({ serial: "80" })).toBe("x509: negative serial number");
  expect(refusal({ unknownCritical: ["2.5.29.35"], keyIds: false })).toBe(
    "x509: authority key identifier incorrectly marked critical",
  );
  expect(makeCertificate({ serial: "ff01" }).certificate.serial).toBe("-ff");
});

describe("garbage is a problem, never an exception", () => {
  const expectTotal = (bytes: Uint8Array): void => {
    const parsed = parseCertificate(bytes);
    if (parsed.ok) expect(Buffer.from(parsed.value.der).equals(Buffer.from(bytes))).toBe(true);
    else expect(parsed.problem.code).toBe("RC-TLS-030");
  };
  const { der } = leaf.certificate;

  test("random bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), expectTotal), { numRuns: 500 });
  });

  test("every truncation", () => {
    for (let length = 0; length < der.length; length += 1)
      expect(parseCertificate(der.slice(0, length))).toMatchObject({ ok: false, problem: { code: "RC-TLS-030" } });
  });

  test("flipped bits", () => {
    const flips = fc.array(fc.nat({ max: der.length * 8 - 1 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(flips, (bits) => {
        const broken = Uint8Array.from(der);
        for (const bit of bits) broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expectTotal(broken);
      }),
      { numRuns: 1500 },
    );
  });

  test("bytes after the end, deep nesting, and the empty input", () => {
    const deep = Buffer.alloc(4000, Buffer.from([0x30, 0x80]));
    for (const bytes of [
      Buffer.concat([der, Buffer.from([0])]),
      deep,
      Buffer.alloc(0),
      Buffer.from([0x30, 0x84, 255, 255, 255, 255]),
    ])
      expect(parseCertificate(bytes)).toMatchObject({ ok: false });
  });
});
