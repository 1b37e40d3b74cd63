import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import type { Certificate } from "./certificate.ts";

/** What a person vouches for: one certificate, or one public key whatever certificate carries it. */
export interface Pin {
  readonly kind: "certificate" | "spki";
  /** SHA-256, 64 lowercase hex digits. */
  readonly hex: string;
}

/**
 * Reads a SHA-256 fingerprint as people copy it: hex with or without colons, base64 or base64url, after `sha256:`,
 * `SHA256 Fingerprint=` (openssl), `SHA256:` (ssh), `sha256//` (curl: a key), or `spki:` for a key.
 */
export function parseFingerprint(text: string): Result<Pin> {
  const { kind, digest } = stripPrefix(text.trim());
  const hex = readHex(digest) ?? readBase64(digest);
  if (hex === undefined) return failure(problem("RC-TRU-001", { text: text.trim(), reason: reasonToRefuse(digest) }));
  return success({ kind, hex });
}

/** True when the certificate, or its key, is the one that is pinned. */
export function pinMatches(pin: Pin, certificate: Certificate): boolean {
  return pin.hex === (pin.kind === "spki" ? certificate.spkiFingerprint : certificate.fingerprint);
}

/** `sha256:` and 64 hex digits. */
export function showFingerprint(certificate: Certificate): string {
  return `sha256:${certificate.fingerprint}`;
}

/** A pin as `parseFingerprint` reads it back. */
export function showPin({ kind, hex }: Pin): string {
  return kind === "spki" ? `spki:${hex}` : `sha256:${hex}`;
}

function stripPrefix(text: string): { readonly kind: Pin["kind"]; readonly digest: string } {
  const match = /^(spki:)?\s*(sha-?256(?:\s+fingerprint)?\s*[=:]|sha256(\/\/))?\s*/i.exec(text);
  const isKey = match?.[1] !== undefined || match?.[3] !== undefined;
  return { kind: isKey ? "spki" : "certificate", digest: text.slice(match?.[0].length ?? 0) };
}

function readHex(digest: string): string | undefined {
  const plain = /^[0-9a-f]{2}([: ]?)(?:[0-9a-f]{2}\1){30}[0-9a-f]{2}$/i.test(digest);
  return plain ? digest.replaceAll(/[: ]/g, "").toLowerCase() : undefined;
}

function readBase64(digest: string): string | undefined {
  if (!/^[A-Za-z0-9+/]{43}=?$/.test(digest) && !/^[A-Za-z0-9_-]{43}=?$/.test(digest)) return undefined;
  const bytes = Buffer.from(digest, "base64");
  // 43 characters carry two bits more than 32 bytes: they must be zero
  const canonical = bytes.toString("base64url") === digest.replaceAll("+", "-").replaceAll("/", "_").replace(/=$/, "");
  return bytes.length === 32 && canonical ? bytes.toString("hex") : undefined;
}

function reasonToRefuse(digest: string): string {
  if (digest === "") return "it is empty";
  const hex = digest.replaceAll(/[: ]/g, "").replace(/^(sha-?1|md5)(fingerprint)?=?/i, "");
  if (/^[0-9a-f]{40}$/i.test(hex)) return "it is a SHA-1 fingerprint, which can be forged; SHA-256 is wanted";
  if (/^[0-9a-f]{32}$/i.test(hex)) return "it is an MD5 fingerprint, which can be forged; SHA-256 is wanted";
  if (/^[0-9a-f]{64}$/i.test(hex)) return "colons must stand between all pairs of digits, or nowhere";
  if (/^[0-9a-f]+$/i.test(hex)) return `it has ${hex.length} hex digits, and SHA-256 has 64`;
  return "it is neither 64 hex digits nor 32 bytes in base64";
}
