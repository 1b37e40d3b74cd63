import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import {
  bitString,
  boolean,
  context,
  fromBytes,
  integer,
  latin1,
  nullValue,
  octetString,
  oid,
  sequence,
  set,
  timeOf,
  toBytes,
  utf8,
  type Asn1,
} from "./der-writer.ts";
import { parseCertificate, type Certificate } from "../../src/trust/certificate.ts";

export type KeyKind = "rsa" | "rsa-768" | "ec" | "ed25519";
export type Digest = "sha256" | "sha384" | "sha1" | "md5";

/** A key, a certificate for it, and the certificates between it and its root, as a server would send them. */
export interface Identity {
  readonly certificate: Certificate;
  readonly key: KeyObject;
  readonly keyPem: string;
  readonly issuers: readonly Certificate[];
}

/** What to put into a certificate. Times are milliseconds since the epoch. */
export interface CertificateRequest {
  readonly commonName?: string;
  readonly organization?: string;
  /** The signer; without one the certificate signs itself. */
  readonly issuer?: Identity;
  /** Signs with this key though the issuer's name is written. */
  readonly signingKey?: KeyObject;
  readonly key?: KeyKind | KeyObject;
  readonly digest?: Digest;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number } | "absent";
  readonly keyUsage?: readonly ("digitalSignature" | "keyEncipherment" | "keyCertSign" | "cRLSign")[];
  readonly extendedKeyUsage?: readonly string[];
  readonly nameConstraints?: NameConstraintsRequest;
  /** OIDs of extensions with meaningless content. */
  readonly unknownCritical?: readonly string[];
  /** Two's complement octets, hex. */
  readonly serial?: string;
  readonly keyIds?: boolean;
  /** 1 leaves all extensions out, as `openssl x509 -req` does without an extension file. */
  readonly version?: 1 | 3;
}

export interface NameConstraintsRequest {
  readonly permittedDns?: readonly string[];
  readonly excludedDns?: readonly string[];
  /** Address and mask, hex: 8 or 32 octets. */
  readonly permittedIp?: readonly string[];
  readonly excludedIp?: readonly string[];
  readonly directory?: boolean;
}

export const serverAuth = "1.3.6.1.5.5.7.3.1";
export const clientAuth = "1.3.6.1.5.5.7.3.2";

const DAY = 86_400_000;
const SIGNATURE_OIDS: Readonly<Record<string, string>> = {
  "rsa-md5": "1.2.840.113549.1.1.4",
  "rsa-sha1": "1.2.840.113549.1.1.5",
  "rsa-sha256": "1.2.840.113549.1.1.11",
  "rsa-sha384": "1.2.840.113549.1.1.12",
  "ec-sha1": "1.2.840.10045.4.1",
  "ec-sha256": "1.2.840.10045.4.3.2",
  "ec-sha384": "1.2.840.10045.4.3.3",
};

/** Makes a certificate with a fresh key (P-256 unless said otherwise). */
export function makeCertificate(request: CertificateRequest): Identity {
  const key = typeof request.key === "object" ? request.key : makeKey(request.key ?? "ec");
  const signer = request.signingKey ?? request.issuer?.key ?? key;
  const algorithm = signatureAlgorithm(signer, request.digest ?? "sha256");
  const tbs = toBytes(makeTbs(request, key, signer, algorithm));
  const digest = signer.asymmetricKeyType === "ed25519" ? null : (request.digest ?? "sha256");
  const der = toBytes(sequence(fromBytes(tbs), algorithm, bitString(sign(digest, tbs, signer))));
  const parsed = parseCertificate(der);
  if (!parsed.ok) throw new Error(`the test's certificate is not readable: ${parsed.problem.cause}`);
  const above = request.issuer;
  return {
    certificate: parsed.value,
    key,
    keyPem: key.export({ type: "pkcs8", format: "pem" }),
    issuers: above === undefined ? [] : [above.certificate, ...above.issuers],
  };
}

/** A CA: CA:TRUE and keyCertSign, unless the request says otherwise. */
export function makeCA(request: CertificateRequest): Identity {
  return makeCertificate({ basicConstraints: { ca: true }, keyUsage: ["keyCertSign", "cRLSign"], ...request });
}

/** A server's certificate: CA:FALSE and serverAuth, unless the request says otherwise. */
export function makeLeaf(request: CertificateRequest): Identity {
  return makeCertificate({ basicConstraints: { ca: false }, extendedKeyUsage: [serverAuth], ...request });
}

/** A certs-only PKCS#7 SignedData (RFC 5652). */
export function makePkcs7(certificates: readonly Certificate[]): Uint8Array {
  const signedData = sequence(
    integer(Buffer.from([1])),
    set(),
    sequence(oid("1.2.840.113549.1.7.1")),
    context(
      0,
      true,
      certificates.map(({ der }) => fromBytes(der)),
    ),
    set(),
  );
  return toBytes(sequence(oid("1.2.840.113549.1.7.2"), context(0, true, [signedData])));
}

export function makeKey(kind: KeyKind): KeyObject {
  if (kind === "ed25519") return generateKeyPairSync("ed25519").privateKey;
  if (kind === "ec") return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  return generateKeyPairSync("rsa", { modulusLength: kind === "rsa" ? 2048 : 768 }).privateKey;
}

/** PEM armour around any bytes. */
export function armour(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function makeTbs(request: CertificateRequest, key: KeyObject, signer: KeyObject, algorithm: Asn1): Asn1 {
  const now = Date.now();
  const subject = makeName(request);
  const isFirstVersion = request.version === 1;
  return sequence(
    ...(isFirstVersion ? [] : [context(0, true, [integer(Buffer.from([2]))])]),
    integer(request.serial === undefined ? makeSerial(key, request) : Buffer.from(request.serial, "hex")),
    algorithm,
    request.issuer === undefined ? subject : fromBytes(Buffer.from(request.issuer.certificate.subjectKey, "hex")),
    sequence(timeOf(request.notBefore ?? now - DAY), timeOf(request.notAfter ?? now + 30 * DAY)),
    subject,
    fromBytes(spkiOf(key)),
    ...(isFirstVersion ? [] : [context(3, true, [sequence(...makeExtensions(request, key, signer))])]),
  );
}

function makeExtensions(request: CertificateRequest, key: KeyObject, signer: KeyObject): Asn1[] {
  const { basicConstraints = "absent", keyUsage, extendedKeyUsage, nameConstraints } = request;
  const list: Asn1[] = [];
  const add = (id: string, critical: boolean, value: Asn1): void => void list.push(extension(id, critical, value));
  if (basicConstraints !== "absent") {
    const { ca, pathLength } = basicConstraints;
    const parts = ca ? [boolean(true)] : [];
    add(
      "2.5.29.19",
      true,
      sequence(...parts, ...(pathLength === undefined ? [] : [integer(Buffer.from([pathLength]))])),
    );
  }
  if (keyUsage !== undefined) add("2.5.29.15", true, makeKeyUsage(keyUsage));
  if (extendedKeyUsage !== undefined) add("2.5.29.37", false, sequence(...extendedKeyUsage.map(oid)));
  if (request.dns !== undefined || request.ip !== undefined) add("2.5.29.17", false, makeAltNames(request));
  if (nameConstraints !== undefined) add("2.5.29.30", true, makeNameConstraints(nameConstraints));
  if (request.keyIds !== false) {
    add("2.5.29.14", false, octetString(keyIdOf(key)));
    add("2.5.29.35", false, sequence(context(0, false, latin1(keyIdOf(signer)))));
  }
  for (const id of request.unknownCritical ?? []) add(id, true, octetString(Buffer.from("x")));
  return list;
}

function makeKeyUsage(usages: readonly string[]): Asn1 {
  const order = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
  ];
  const bits = usages.reduce((sum, usage) => sum | (0x80 >> order.indexOf(usage)), 0);
  const unused = bits === 0 ? 0 : 31 - Math.clz32(bits & -bits);
  return bitString(Buffer.from([bits]), unused);
}

function makeAltNames({ dns = [], ip = [] }: CertificateRequest): Asn1 {
  return sequence(
    ...dns.map((name) => context(2, false, name)),
    ...ip.map((address) => context(7, false, latin1(addressBytes(address)))),
  );
}

function makeNameConstraints(request: NameConstraintsRequest): Asn1 {
  const trees = (dns: readonly string[] = [], ip: readonly string[] = []): Asn1[] => [
    ...dns.map((name) => sequence(context(2, false, name))),
    ...ip.map((range) => sequence(context(7, false, latin1(Buffer.from(range, "hex"))))),
  ];
  const permitted = trees(request.permittedDns, request.permittedIp);
  if (request.directory === true) permitted.push(sequence(context(4, true, [makeName({ commonName: "x" })])));
  const excluded = trees(request.excludedDns, request.excludedIp);
  return sequence(
    ...(permitted.length > 0 ? [context(0, true, permitted)] : []),
    ...(excluded.length > 0 ? [context(1, true, excluded)] : []),
  );
}

function makeName({ commonName, organization }: CertificateRequest): Asn1 {
  const part = (id: string, text: string | undefined): Asn1[] =>
    text === undefined ? [] : [set(sequence(oid(id), utf8(text)))];
  return sequence(...part("2.5.4.10", organization), ...part("2.5.4.3", commonName));
}

function makeSerial(key: KeyObject, request: CertificateRequest): Buffer {
  const digest = createHash("sha256").update(spkiOf(key)).update(JSON.stringify(request, dropObjects)).digest();
  return Buffer.concat([Buffer.from([0x4a]), digest.subarray(0, 15)]);
}

function dropObjects(name: string, value: unknown): unknown {
  return name === "issuer" || name === "key" || name === "signingKey" ? undefined : value;
}

function signatureAlgorithm(signer: KeyObject, digest: Digest): Asn1 {
  const kind = signer.asymmetricKeyType ?? "";
  if (kind === "ed25519") return sequence(oid("1.3.101.112"));
  const id = oid(SIGNATURE_OIDS[`${kind}-${digest}`] ?? "");
  return kind === "rsa" ? sequence(id, nullValue()) : sequence(id);
}

function extension(id: string, critical: boolean, value: Asn1): Asn1 {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(toBytes(value)));
}

function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(createPrivateKey(key.export({ type: "pkcs8", format: "pem" }))).export({
    type: "spki",
    format: "der",
  });
}

function keyIdOf(key: KeyObject): Buffer {
  return createHash("sha1").update(spkiOf(key)).digest();
}

function addressBytes(address: string): Buffer {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  const full = address.split(":").map((group) => group.padStart(4, "0"));
  if (full.length !== 8) throw new Error("write the test's IPv6 addresses in full");
  return Buffer.from(full.join(""), "hex");
}
