import { childOf, contextChild, derTags, isUniversal, oidOf, readDer, type DerNode } from "./der.ts";

const SIGNED_DATA = "1.2.840.113549.1.7.2";

/** The DER of each certificate in a PKCS#7 SignedData (RFC 5652 sections 3 and 5.1); undefined when it is none. */
export function readPkcs7(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const root = readDer(bytes);
  if (root === undefined || oidOf(childOf(root, 0, derTags.oid)) !== SIGNED_DATA) return undefined;
  const signedData = contextChild(root, 0)?.children[0];
  if (signedData === undefined || !isUniversal(signedData, derTags.sequence)) return undefined;
  const certificates: readonly DerNode[] = contextChild(signedData, 0)?.children ?? [];
  return certificates.filter((one) => isUniversal(one, derTags.sequence)).map((one) => one.encode());
}
