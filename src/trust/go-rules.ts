import { X509Certificate } from "node:crypto";
import { isIPv6 } from "../address.ts";
import { findSignature, type SignatureFacts } from "./algorithms.ts";
import type { Certificate } from "./certificate.ts";
import { coversName, reliesOnCommonName, type DialledName } from "./hostname.ts";
import { findForbiddenName, type ComparisonBudget } from "./name-constraints.ts";

/** What a TLS handshake shows a client, and what the client trusts. */
export interface ChainInput {
  /** As sent by the server, the leaf first. */
  readonly served: readonly Certificate[];
  /** The roots: all certificates of the ca.crt files that apply. */
  readonly anchors: readonly Certificate[];
  readonly name: DialledName;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Why Go's TLS refuses, by kind, in its own words, and the certificate it is about. */
export interface GoFault {
  readonly kind:
    | "none-served"
    | "unreadable"
    | "oversized-key"
    | "weak-key"
    | "common-name"
    | "no-address"
    | "wrong-name"
    | "expired"
    | "not-yet-valid"
    | "unknown-authority"
    | "not-a-ca"
    | "bad-signature"
    | "insecure-algorithm"
    | "unsupported-algorithm"
    | "wrong-usage"
    | "path-length"
    | "name-constraint"
    | "critical-extension"
    | "search-limit"
    | "constraint-limit";
  readonly text: string;
  readonly certificate: Certificate | undefined;
  /** Of an unknown authority: the first candidate of the right name, and why it was none. */
  readonly hint?: { readonly fault: GoFault; readonly candidate: Certificate };
}

/** Where in a chain a certificate is to stand. */
export type Position = "leaf" | "intermediate" | "root";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const ANY_USAGE = "2.5.29.37.0";
const MIN_RSA_BITS = 1024;

/** What judging goes by besides the certificates: the time (milliseconds), and the comparisons that are left. */
export interface JudgingLimits {
  readonly now: number;
  readonly comparisons: ComparisonBudget;
}

/** crypto/x509 isValid: may `certificate` be appended to `chain`? */
export function findValidityFault(
  certificate: Certificate,
  position: Position,
  chain: readonly Certificate[],
  { now, comparisons }: JudgingLimits,
): GoFault | undefined {
  if (certificate.unhandledCritical.length > 0)
    return { kind: "critical-extension", text: "x509: unhandled critical extension", certificate };
  return (
    findTimeFault(certificate, now) ??
    (position === "leaf" ? undefined : findConstraintFault(certificate, chain, comparisons)) ??
    findPositionFault(certificate, position, chain)
  );
}

/** crypto/x509 CheckSignatureFrom: did `parent` sign `child`, and may it sign certificates? */
export function findIssuingFault(child: Certificate, parent: Certificate): GoFault | undefined {
  const fault = (kind: GoFault["kind"], text: string): GoFault => ({ kind, text, certificate: parent });
  if (!maySign(parent))
    return fault("not-a-ca", "x509: invalid signature: parent certificate cannot sign this kind of certificate");
  const signature = findSignature(child.signatureAlgorithm);
  if (signature === undefined || signature.standing === "unsupported")
    return fault("unsupported-algorithm", "x509: cannot verify signature: algorithm unimplemented");
  if (signature.standing === "insecure") {
    const text = `x509: cannot verify signature: insecure algorithm ${signature.goName}`;
    return { kind: "insecure-algorithm", text, certificate: child };
  }
  const weak = findWeakKey(parent);
  if (weak !== undefined) return weak;
  return verifies(child, parent) ? undefined : fault("bad-signature", signatureText(signature, parent));
}

/** crypto/x509 VerifyHostname. */
export function findNameFault(certificate: Certificate, name: DialledName): GoFault | undefined {
  if (coversName(certificate, name)) return undefined;
  const { host, isAddress } = name;
  if (reliesOnCommonName(certificate, name)) {
    const text = "x509: certificate relies on legacy Common Name field, use SANs instead";
    return { kind: "common-name", text, certificate };
  }
  if (isAddress && certificate.ipAddresses.length === 0) {
    const text = `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
    return { kind: "no-address", text, certificate };
  }
  const names = isAddress ? certificate.ipAddresses : certificate.dnsNames;
  const text =
    names.length === 0
      ? `x509: certificate is not valid for any names, but wanted to match ${host}`
      : `x509: certificate is valid for ${names.join(", ")}, not ${host}`;
  return { kind: "wrong-name", text, certificate };
}

/** crypto/rsa since Go 1.24: keys below 1024 bits verify nothing. */
export function findWeakKey(certificate: Certificate): GoFault | undefined {
  const bits = certificate.rsaBits;
  if (bits === undefined || bits >= MIN_RSA_BITS) return undefined;
  const text = `crypto/rsa: ${bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)`;
  return { kind: "weak-key", text, certificate };
}

/** crypto/x509 checkChainForKeyUsage: every certificate that lists usages lists this one. */
export function allowsServerAuth(chain: readonly Certificate[]): boolean {
  return chain.every(({ extendedKeyUsage: usages }) => {
    if (usages === undefined || usages.length === 0) return true;
    return usages.includes(ANY_USAGE) || usages.includes(SERVER_AUTH);
  });
}

function findTimeFault(certificate: Certificate, now: number): GoFault | undefined {
  const { notBefore, notAfter } = certificate;
  const text = (relation: string, limit: number): string =>
    `x509: certificate has expired or is not yet valid: current time ${showTime(now)} is ${relation} ${showTime(limit)}`;
  if (now < notBefore) return { kind: "not-yet-valid", text: text("before", notBefore), certificate };
  if (now > notAfter) return { kind: "expired", text: text("after", notAfter), certificate };
  return undefined;
}

function findConstraintFault(
  certificate: Certificate,
  chain: readonly Certificate[],
  comparisons: ComparisonBudget,
): GoFault | undefined {
  const constraints = certificate.nameConstraints;
  if (constraints === undefined) return undefined;
  for (const names of chain) {
    const found = findForbiddenName(constraints, names, addressBytes, comparisons);
    if (found === undefined) continue;
    // Go has a reason for this, TooManyConstraints, and no words
    if (found.kind === "too-many") return { kind: "constraint-limit", text: "x509: unknown error", certificate };
    const text = `x509: a root or intermediate certificate is not authorized to sign for this name: ${found.detail}`;
    return { kind: "name-constraint", text, certificate };
  }
  return undefined;
}

function findPositionFault(
  certificate: Certificate,
  position: Position,
  chain: readonly Certificate[],
): GoFault | undefined {
  if (position === "intermediate" && certificate.isCA !== true) {
    const text = "x509: certificate is not authorized to sign other certificates";
    return { kind: "not-a-ca", text, certificate };
  }
  const { pathLength } = certificate;
  if (pathLength !== undefined && chain.length - 1 > pathLength) {
    const text = "x509: too many intermediates for path length constraint";
    return { kind: "path-length", text, certificate };
  }
  return undefined;
}

/** Whether its own key signed it, whatever it may sign; only then is it nobody else's. */
export function isSelfSigned(certificate: Certificate): boolean {
  return certificate.subjectKey === certificate.issuerKey && verifies(certificate, certificate);
}

function maySign({ version, isCA, keyUsage }: Certificate): boolean {
  if (isCA === false || (isCA === undefined && version === 3)) return false;
  return keyUsage === undefined || keyUsage.length === 0 || keyUsage.includes("keyCertSign");
}

function verifies(child: Certificate, parent: Certificate): boolean {
  try {
    return new X509Certificate(child.der).verify(new X509Certificate(parent.der).publicKey);
  } catch {
    return false;
  }
}

function signatureText({ key, goName }: SignatureFacts, parent: Certificate): string {
  const family = parent.keyType.split(" ")[0] ?? "";
  if (family !== key) {
    const types: Readonly<Record<string, string>> = {
      RSA: "*rsa.PublicKey",
      ECDSA: "*ecdsa.PublicKey",
      Ed25519: "ed25519.PublicKey",
    };
    return `x509: signature algorithm specifies an ${key} public key, but have public key of type ${types[family] ?? family}`;
  }
  return goName.endsWith("-RSA") || goName.endsWith("RSAPSS")
    ? "crypto/rsa: verification error"
    : `x509: ${key} verification failure`;
}

function addressBytes(text: string): Uint8Array {
  if (!isIPv6(text)) return Uint8Array.from(text.split("."), Number);
  const [head = "", tail = ""] = text.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...(text.includes("::") ? Array<string>(missing).fill("0") : []), ...groups(tail)];
  return Uint8Array.from(Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex"));
}

function showTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, "Z");
}
