import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { reveal } from "../../src/credentials/secret.ts";
import { readBody } from "../../src/registry/body.ts";
import { readClientCertificate, type ClientFiles } from "../../src/registry/client-certificate.ts";
import type { Http } from "../../src/registry/http.ts";
import {
  clientAuth,
  makeCA,
  makeCertificate,
  serverAuth,
  type CertificateRequest,
  type Identity,
} from "../support/pki.ts";
import { answer, startTls } from "../support/raw-server.ts";
import { codeOf, makeHttp, valueOf } from "../support/registry-client.ts";
import { makeSelfSigned } from "../support/self-signed.ts";

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const ca = makeCA({ commonName: "Client CA", notBefore: NOW - DAY, notAfter: NOW + 99 * DAY });

function client(changes: CertificateRequest = {}): Identity {
  const usual = { commonName: "host1", issuer: ca, notBefore: NOW - DAY, notAfter: NOW + 9 * DAY };
  return makeCertificate({ ...usual, extendedKeyUsage: [clientAuth], ...changes });
}

function filesOf(certificate: string, key: string): ClientFiles {
  const [certFile, keyFile] = ["/etc/c.pem", "/etc/k.pem"];
  return { certFile, keyFile, certificate: Buffer.from(certificate), key: Buffer.from(key) };
}

const good = client();

test.each([
  ["as they are issued", good.certificate.pem, good.keyPem],
  ["without any usage", ...pemsOf(client({ version: 1 }))],
  ["for servers and clients", ...pemsOf(client({ extendedKeyUsage: [serverAuth, clientAuth] }))],
  ["an RSA key", ...pemsOf(client({ key: "rsa" }))],
  ["an Ed25519 key", ...pemsOf(client({ key: "ed25519" }))],
  [
    "with text around, and CRLF",
    `subject=x\r\n${good.certificate.pem.replaceAll("\n", "\r\n")}`,
    `x\r\n${good.keyPem.replaceAll("\n", "\r\n")}`,
  ],
  ["both in one file", good.certificate.pem + good.keyPem, good.keyPem + good.certificate.pem],
])("a client certificate and its key: %s", (_, certificate, key) => {
  const read = valueOf(readClientCertificate(filesOf(certificate, key), NOW));
  expect(read.chain).toMatch(/^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n$/);
  expect(reveal(read.key)).toMatch(/^-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n$/);
  expect(JSON.stringify(read)).not.toContain("PRIVATE KEY");
});

test("what stands behind the certificate goes along", () => {
  const read = valueOf(readClientCertificate(filesOf(good.certificate.pem + ca.certificate.pem, good.keyPem), NOW));
  expect(read.chain).toBe(good.certificate.pem + ca.certificate.pem);
});

const encrypted = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
}).privateKey;

test.each([
  ["of another key", "RC-TLS-053", good.certificate.pem, client().keyPem],
  ["of another kind of key", "RC-TLS-053", good.certificate.pem, client({ key: "rsa" }).keyPem],
  ["whose CA comes first", "RC-TLS-053", ca.certificate.pem + good.certificate.pem, good.keyPem],
  ["that has expired", "RC-TLS-054", ...pemsOf(client({ notAfter: NOW - 1000 }))],
  ["that is not valid yet", "RC-TLS-054", ...pemsOf(client({ notBefore: NOW + 1000 }))],
  ["for servers", "RC-TLS-055", ...pemsOf(client({ extendedKeyUsage: [serverAuth] }))],
  ["that is none", "RC-TLS-051", "hello", good.keyPem],
  ["that is a key", "RC-TLS-051", good.keyPem, good.keyPem],
  ["that is damaged", "RC-TLS-034", good.certificate.pem.replace("MI", "M"), good.keyPem],
  ["with an encrypted key", "RC-TLS-052", good.certificate.pem, encrypted],
  ["with a damaged key", "RC-TLS-052", good.certificate.pem, good.keyPem.replace("M", "N")],
  ["with no key", "RC-TLS-052", good.certificate.pem, good.certificate.pem],
])("refuses a client certificate %s", (_, code, certificate, key) => {
  const result = readClientCertificate(filesOf(certificate, key), NOW);
  expect(codeOf(result)).toBe(code);
  const body = key.split("\n")[1] ?? "";
  if (key.includes("PRIVATE KEY")) expect(JSON.stringify(result)).not.toContain(body);
});

describe("at a server that asks for one", () => {
  const server = makeSelfSigned(["DNS:reg.test", "DNS:other.test"]);
  const fresh = (issuer: Identity): Identity =>
    makeCertificate({
      commonName: "host1",
      issuer,
      extendedKeyUsage: [clientAuth],
      notBefore: Date.now() - DAY,
      notAfter: Date.now() + DAY,
    });
  const lasting = (commonName: string): Identity =>
    makeCA({ commonName, notBefore: Date.now() - DAY, notAfter: Date.now() + DAY });
  const known = lasting("known");

  test.each([
    ["TLSv1.2", known, "reg.test", 200],
    ["TLSv1.3", known, "reg.test", 200],
    ["TLSv1.3", known, "other.test", "RC-NET-011"],
  ] as const)("%s, from the CA of %o, to %s", async (version, issuer, host, expected) => {
    const raw = await startTls(server, (socket) => socket.end(answer("200 OK", [], "{}")), {
      requestCert: true,
      rejectUnauthorized: true,
      ca: known.certificate.pem,
      minVersion: version,
      maxVersion: version,
    });
    const { certificate, keyPem } = fresh(issuer);
    const shown = valueOf(readClientCertificate(filesOf(certificate.pem, keyPem), Date.now()));
    const http = makeHttp(server.cert, { clientFor: (name) => (name === "reg.test" ? shown : undefined) });
    expect(await ask(http, `https://${host}:${raw.port}/v2/`)).toBe(expected);
    http.close();
    await raw.close();
  });
});

async function ask(http: Http, url: string): Promise<string | number> {
  const response = await http.request({ method: "GET", url: new URL(url) });
  if (!response.ok) return codeOf(response);
  const body = await readBody(response.value, 1024);
  return body.ok ? response.value.status : codeOf(body);
}

function pemsOf({ certificate, keyPem }: Identity): readonly [string, string] {
  return [certificate.pem, keyPem];
}
