import { childOf, derTags, oidOf, smallIntegerOf, type DerNode } from "./der.ts";

/** A public key, as far as judging needs it. */
export interface PublicKeyFacts {
  /** `RSA 2048`, `ECDSA P-256`, `Ed25519`, or the dotted OID. */
  readonly keyType: string;
  readonly rsaBits: number | undefined;
  /** Why Go cannot read the key and refuses the whole certificate, in its words. */
  readonly goRefusal?: string;
}

/** What Go's crypto/x509 knows of a signature algorithm. */
export interface SignatureFacts {
  /** `SHA256-RSA`. */
  readonly goName: string;
  readonly key: "RSA" | "ECDSA" | "Ed25519" | "DSA";
  /** `insecure`: refused since Go 1.18. `unsupported`: never implemented. */
  readonly standing: "good" | "insecure" | "unsupported";
}

const SIGNATURE_NAMES: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.2": "md2WithRSAEncryption",
  "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
  "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
  "1.3.14.3.2.29": "sha1WithRSAEncryption",
  "1.2.840.113549.1.1.10": "rsassaPss",
  "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
  "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
  "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
  "1.2.840.10040.4.3": "dsa-with-sha1",
  "2.16.840.1.101.3.4.3.2": "dsa-with-sha256",
  "1.2.840.10045.4.1": "ecdsa-with-SHA1",
  "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
  "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
  "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
  "1.3.101.112": "Ed25519",
};

const SIGNATURES: Readonly<Record<string, SignatureFacts>> = {
  md5WithRSAEncryption: { goName: "MD5-RSA", key: "RSA", standing: "insecure" },
  sha1WithRSAEncryption: { goName: "SHA1-RSA", key: "RSA", standing: "insecure" },
  rsassaPss: { goName: "SHA256-RSAPSS", key: "RSA", standing: "good" },
  sha256WithRSAEncryption: { goName: "SHA256-RSA", key: "RSA", standing: "good" },
  sha384WithRSAEncryption: { goName: "SHA384-RSA", key: "RSA", standing: "good" },
  sha512WithRSAEncryption: { goName: "SHA512-RSA", key: "RSA", standing: "good" },
  "ecdsa-with-SHA1": { goName: "ECDSA-SHA1", key: "ECDSA", standing: "insecure" },
  "ecdsa-with-SHA256": { goName: "ECDSA-SHA256", key: "ECDSA", standing: "good" },
  "ecdsa-with-SHA384": { goName: "ECDSA-SHA384", key: "ECDSA", standing: "good" },
  "ecdsa-with-SHA512": { goName: "ECDSA-SHA512", key: "ECDSA", standing: "good" },
  Ed25519: { goName: "Ed25519", key: "Ed25519", standing: "good" },
};

const CURVES: Readonly<Record<string, string>> = {
  "1.3.132.0.33": "P-224",
  "1.2.840.10045.3.1.7": "P-256",
  "1.3.132.0.34": "P-384",
  "1.3.132.0.35": "P-521",
};

/** The name of a signature algorithm, or its dotted OID where none is known. */
export function nameSignature(oid: string): string {
  return SIGNATURE_NAMES[oid] ?? oid;
}

/** What Go makes of the algorithm that `nameSignature` named. */
export function findSignature(name: string): SignatureFacts | undefined {
  return SIGNATURES[name];
}

/** Reads a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). */
export function readPublicKey(spki: DerNode, readBitString: (node: DerNode) => DerNode | undefined): PublicKeyFacts {
  const algorithm = childOf(spki, 0, derTags.sequence);
  const oid = oidOf(algorithm?.children[0]);
  const key = childOf(spki, 1, derTags.bitString);
  if (oid === "1.2.840.113549.1.1.1") return readRsaKey(key === undefined ? undefined : readBitString(key));
  if (oid === "1.2.840.10045.2.1") return readCurve(oidOf(algorithm?.children[1]));
  if (oid === "1.3.101.112") return { keyType: "Ed25519", rsaBits: undefined };
  return { keyType: oid === "" ? "unknown" : oid, rsaBits: undefined };
}

function readRsaKey(key: DerNode | undefined): PublicKeyFacts {
  const modulus = childOf(key, 0, derTags.integer)?.content;
  const exponent = childOf(key, 1, derTags.integer);
  if (modulus === undefined || exponent === undefined)
    return { keyType: "RSA", rsaBits: undefined, goRefusal: "x509: invalid RSA public key" };
  const start = modulus.findIndex((byte) => byte !== 0);
  const bits = start < 0 ? 0 : (modulus.length - start) * 8 - (Math.clz32(modulus[start] ?? 0) - 24);
  const facts = { keyType: `RSA ${bits}`, rsaBits: bits };
  const isSound = bits > 0 && (modulus[0] ?? 0x80) < 0x80 && (smallIntegerOf(exponent) ?? 0) > 0;
  return isSound ? facts : { ...facts, goRefusal: "x509: invalid RSA public key" };
}

function readCurve(oid: string): PublicKeyFacts {
  const curve = CURVES[oid];
  const facts = { keyType: `ECDSA ${curve ?? oid}`, rsaBits: undefined };
  return curve === undefined ? { ...facts, goRefusal: "x509: unsupported elliptic curve" } : facts;
}
