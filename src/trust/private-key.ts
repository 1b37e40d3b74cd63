import { childOf, derTags, readDer, smallIntegerOf } from "./der.ts";

/** Which form of private key these bytes are, or undefined. Nothing of the key is kept. */
export function recognizePrivateKey(bytes: Uint8Array): string | undefined {
  const root = readDer(bytes);
  if (root === undefined) return undefined;
  const version = smallIntegerOf(root.children[0]);
  const hasAlgorithm = childOf(childOf(root, 1, derTags.sequence), 0, derTags.oid) !== undefined;
  if (version === 3 && childOf(root, 1, derTags.sequence) !== undefined) return "PKCS#12 store";
  if (version !== undefined && hasAlgorithm && childOf(root, 2, derTags.octetString) !== undefined)
    return "PKCS#8 private key";
  if (version === 0 && root.children.length >= 9) return "RSA private key";
  if (version === 1 && childOf(root, 1, derTags.octetString) !== undefined) return "EC private key";
  const encrypted = childOf(childOf(root, 0, derTags.sequence), 0, derTags.oid) !== undefined;
  if (encrypted && root.children.length === 2 && childOf(root, 1, derTags.octetString) !== undefined)
    return "encrypted private key";
  return undefined;
}
