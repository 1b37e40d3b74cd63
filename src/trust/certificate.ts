import { createHash } from "node:crypto";
import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { nameSignature, readPublicKey } from "./algorithms.ts";
import { childOf, contextChild, derTags, hexOf, oidOf, readDer, smallIntegerOf, type DerNode } from "./der.ts";
import { readDistinguishedName } from "./distinguished-name.ts";
import { readExtensions, type Extensions } from "./extensions.ts";

/** One X.509 certificate, read once into plain data (RFC 5280). */
export interface Certificate extends Extensions {
  readonly der: Uint8Array;
  /** PEM with LF line ends and a final newline. */
  readonly pem: string;
  /** SHA-256 of the DER, 64 lowercase hex digits. */
  readonly fingerprint: string;
  /** SHA-256 of the SubjectPublicKeyInfo DER, 64 lowercase hex digits (RFC 7469 section 2.4). */
  readonly spkiFingerprint: string;
  /** RFC 4514-like, for people. */
  readonly subject: string;
  readonly issuer: string;
  /** DER of the names, hex: what issuing is matched by. */
  readonly subjectKey: string;
  readonly issuerKey: string;
  /** Hex, with `-` before a negative one. */
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly commonName: string | undefined;
  readonly organization: string | undefined;
  /** The name people know, `sha256WithRSAEncryption`, or the dotted OID. */
  readonly signatureAlgorithm: string;
  /** `RSA 2048`, `ECDSA P-256`, `Ed25519`. */
  readonly keyType: string;
  readonly rsaBits: number | undefined;
  readonly version: number;
}

const MAX_BYTES = 1024 * 1024;

/** Reads one DER certificate. Anything else, however broken, is the problem RC-TLS-030. */
export function parseCertificate(der: Uint8Array): Result<Certificate> {
  if (der.length > MAX_BYTES) return failure(problem("RC-TLS-030", { reason: "it is larger than 1 MiB" }));
  const root = readDer(der);
  if (root === undefined) return failure(problem("RC-TLS-030", { reason: "it is not DER" }));
  if (!Buffer.from(root.encode()).equals(Buffer.from(der)))
    return failure(problem("RC-TLS-030", { reason: "it is BER, not DER, which Go refuses" }));
  const certificate = readCertificate(root, Uint8Array.from(der));
  if (certificate === undefined)
    return failure(problem("RC-TLS-030", { reason: "it is DER, but not a whole X.509 certificate" }));
  return success(certificate);
}

/** RFC 7468 text of `der`, 64 characters a line, LF, with a final newline. */
function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function readCertificate(root: DerNode, der: Uint8Array): Certificate | undefined {
  const tbs = childOf(root, 0, derTags.sequence);
  const outer = childOf(root, 1, derTags.sequence);
  const signature = childOf(root, 2, derTags.bitString);
  if (tbs === undefined || outer === undefined || signature === undefined || root.children.length !== 3)
    return undefined;
  const parts = readParts(tbs);
  if (parts === undefined) return undefined;
  const { spki, goRefusal, ...rest } = parts;
  const key = readPublicKey(spki, readBitString);
  return {
    ...rest,
    der,
    pem: toPem(der),
    fingerprint: sha256(der),
    spkiFingerprint: sha256(spki.encode()),
    signatureAlgorithm: nameSignature(oidOf(outer.children[0])),
    keyType: key.keyType,
    rsaBits: key.rsaBits,
    goRefusal: goRefusal ?? key.goRefusal,
  };
}

type Derived = "der" | "pem" | "fingerprint" | "spkiFingerprint" | "signatureAlgorithm" | "keyType" | "rsaBits";

function readParts(tbs: DerNode): (Omit<Certificate, Derived> & { readonly spki: DerNode }) | undefined {
  const explicitVersion = contextChild(tbs, 0);
  const [serial, , issuerNode, validity, subjectNode, spki] = tbs.children.slice(explicitVersion === undefined ? 0 : 1);
  if (serial === undefined || serial.tag !== derTags.integer || serial.content.length === 0) return undefined;
  if (issuerNode === undefined || subjectNode === undefined || spki === undefined) return undefined;
  const issuer = readDistinguishedName(issuerNode);
  const subject = readDistinguishedName(subjectNode);
  const notBefore = readTime(validity?.children[0]);
  const notAfter = readTime(validity?.children[1]);
  const extensions = readExtensions(contextChild(tbs, 3)?.children[0]);
  if (issuer === undefined || subject === undefined || extensions === undefined) return undefined;
  if (notBefore === undefined || notAfter === undefined || spki.tag !== derTags.sequence) return undefined;
  const serialHex = readSerial(serial.content);
  return {
    ...extensions,
    goRefusal: serialHex.startsWith("-") ? "x509: negative serial number" : extensions.goRefusal,
    subject: subject.text,
    issuer: issuer.text,
    subjectKey: subject.key,
    issuerKey: issuer.key,
    serial: serialHex,
    notBefore,
    notAfter,
    commonName: subject.commonName,
    organization: subject.organization,
    version: (smallIntegerOf(explicitVersion?.children[0]) ?? 0) + 1,
    spki,
  };
}

function readBitString(node: DerNode): DerNode | undefined {
  return node.content[0] === 0 ? readDer(node.content.slice(1)) : undefined;
}

function readSerial(content: Uint8Array): string {
  const unsigned = BigInt(`0x${hexOf(content)}`);
  if ((content[0] ?? 0) < 0x80) return hexOf(content).replace(/^00(?=.)/, "");
  return `-${((1n << BigInt(content.length * 8)) - unsigned).toString(16)}`;
}

function readTime(node: DerNode | undefined): number | undefined {
  if (node === undefined) return undefined;
  const text = Buffer.from(node.content).toString("latin1");
  const match = /^(\d{2})?(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (match === null || (match[1] === undefined) !== (node.tag === derTags.utcTime)) return undefined;
  const [yearInCentury = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(2).map(Number);
  // RFC 5280 section 4.1.2.5.1: two-digit years from 50 are of the last century
  const century = match[1] === undefined ? (yearInCentury >= 50 ? 19 : 20) : Number(match[1]);
  const inRange = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60;
  if (!inRange) return undefined;
  const time = Date.UTC(2000, month - 1, day, hour, minute, second);
  return new Date(time).setUTCFullYear(century * 100 + yearInCentury, month - 1, day);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
