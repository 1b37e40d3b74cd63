/** The bytes of a PEM text with one block. */
export function readPem(pem: string): Uint8Array {
  return Buffer.from(pem.replaceAll(/-----[^-]*-----|\s/g, ""), "base64");
}
