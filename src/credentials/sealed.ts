import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { reveal, secret, type Secret } from "./secret.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12; // NIST SP 800-38D section 8.2: 96 bits

/** A new key for `seal`: 32 random bytes. */
export function makeSealingKey(): Uint8Array {
  return randomBytes(KEY_BYTES);
}

/** Encrypts a secret with AES-256-GCM; `bound` (the registry and user) must be the same to open it again. */
export function seal(key: Uint8Array, bound: string, value: Secret): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(bound));
  const data = Buffer.concat([cipher.update(reveal(value), "utf8"), cipher.final()]);
  const base64 = (bytes: Buffer): string => bytes.toString("base64");
  const sealed = {
    version: 1,
    cipher: CIPHER,
    nonce: base64(nonce),
    tag: base64(cipher.getAuthTag()),
    data: base64(data),
  };
  return Buffer.from(`${JSON.stringify(sealed)}\n`);
}

/** Opens what `seal` made; undefined for another key, another binding, or a file that was tampered with. */
export function unseal(key: Uint8Array, bound: string, bytes: Uint8Array): Secret | undefined {
  try {
    const sealed = parseSealed(bytes);
    const decipher = createDecipheriv(CIPHER, key, Buffer.from(sealed.nonce, "base64"), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(bound)).setAuthTag(Buffer.from(sealed.tag, "base64"));
    const data = Buffer.concat([decipher.update(Buffer.from(sealed.data, "base64")), decipher.final()]);
    return secret(data.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Read by hand: the credential helper must start without a schema library. Whatever is wrong is thrown, and means "no". */
function parseSealed(bytes: Uint8Array): { readonly nonce: string; readonly tag: string; readonly data: string } {
  const value = JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown>;
  const { version, cipher, nonce, tag, data, ...rest } = value;
  const more = Object.keys(rest);
  const texts = typeof nonce === "string" && typeof tag === "string" && typeof data === "string";
  if (version !== 1 || cipher !== CIPHER || !texts) throw new Error("not a sealed secret");
  // Buffer reads past what is not base64: only what seal() writes is taken
  if (![nonce, tag, data].every(isBase64) || more.length > 0) throw new Error("not a sealed secret");
  return { nonce, tag, data };
}

function isBase64(text: string): boolean {
  return Buffer.from(text, "base64").toString("base64") === text;
}
