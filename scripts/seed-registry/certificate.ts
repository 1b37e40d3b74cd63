import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  X509Certificate,
} from "node:crypto";
import forge from "node-forge";

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** What is to stand in a certificate. */
export interface CertificateRequest {
  readonly alias: string;
  readonly addresses: readonly string[];
  readonly notBefore: Date;
  readonly days: number;
  /** PEM of the private key to keep; a new RSA-2048 key when undefined. */
  readonly key: string | undefined;
}

const DAY_MS = 86_400_000;

/**
 * Makes a self-signed server certificate (RFC 5280). It is no CA on purpose (CA:FALSE, no keyCertSign): whoever installs
 * it as an anchor trusts this one host and gives its key no power to vouch for other names.
 */
export function makeCertificate(request: CertificateRequest): KeyedCertificate {
  const key = request.key ?? generateKey();
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicPem(key));
  // RFC 5280 4.1.2.2: positive, at most 20 octets.
  certificate.serialNumber = `4${randomBytes(16).toString("hex").slice(1)}`;
  certificate.validity.notBefore = request.notBefore;
  certificate.validity.notAfter = new Date(request.notBefore.getTime() + request.days * DAY_MS);
  const name = [{ name: "commonName", value: request.alias }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions(extensionsFor(request));
  certificate.sign(forge.pki.privateKeyFromPem(key), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate).replaceAll("\r\n", "\n"), key };
}

/** `sha256:` and the hex SHA-256 of the DER of the first certificate in `pem`. */
export function fingerprintOf(pem: string): string {
  return fingerprintOfDer(new X509Certificate(pem).raw);
}

/** `sha256:` and the hex SHA-256 of `der`. */
export function fingerprintOfDer(der: Uint8Array): string {
  return `sha256:${createHash("sha256").update(der).digest("hex")}`;
}

function generateKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  // PKCS#1, the one form that node-forge, OpenSSL and Go all read.
  return privateKey.export({ type: "pkcs1", format: "pem" });
}

function publicPem(key: string): string {
  return createPublicKey(createPrivateKey(key)).export({ type: "spki", format: "pem" });
}

function extensionsFor(request: CertificateRequest): object[] {
  const altNames = [{ type: 2, value: request.alias }, ...request.addresses.map((ip) => ({ type: 7, ip }))];
  return [
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectAltName", altNames },
    { name: "subjectKeyIdentifier" },
  ];
}
