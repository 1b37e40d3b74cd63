import { problem, type Facts } from "../findings/problem.ts";
import type { FindingCode } from "../findings/catalogue.ts";
import { failure, success, type Result } from "../result.ts";
import { dropDuplicates } from "./anchors.ts";
import { parseCertificate, type Certificate } from "./certificate.ts";
import { readFirstDer } from "./der.ts";
import { decodeBase64, scanPem, type PemBlock } from "./pem.ts";
import { readPkcs7 } from "./pkcs7.ts";
import { recognizePrivateKey } from "./private-key.ts";

const MAX_BYTES = 1024 * 1024;

/**
 * Reads all certificates of a file or an answer: PEM, DER, PKCS#7 in either, or bare base64 as EST sends it (RFC 7030
 * section 4.1.3). `origin` says in problems where the bytes are from. Each certificate comes once, in order. A private
 * key is refused, never shown.
 */
export function readCertificates(bytes: Uint8Array, origin: string): Result<readonly Certificate[]> {
  if (bytes.length === 0) return refuse("RC-TLS-031", { origin });
  if (bytes.length > MAX_BYTES) return refuse("RC-TLS-032", { origin, size: String(bytes.length) });
  const text = decodeText(bytes);
  const found = isDer(bytes) && !text.includes("-----BEGIN ") ? readBinary(bytes, origin) : readText(text, origin);
  if (found !== undefined && !found.ok) return found;
  if (found === undefined || found.value.length === 0)
    return refuse("RC-TLS-033", { origin, found: describeContent(bytes) });
  return success(dropDuplicates(found.value));
}

/** The bytes of a ca.crt: plain PEM, each with a final newline, as every Go loader reads it. */
export function renderBundle(certificates: readonly Certificate[]): string {
  return dropDuplicates(certificates)
    .map(({ pem }) => pem)
    .join("");
}

function decodeText(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = isUtf16 ? new TextDecoder("utf-16le").decode(bytes) : Buffer.from(bytes).toString("latin1");
  return text.replace(/^(?:\u00ef\u00bb\u00bf|\ufeff)/, "");
}

type Found = Result<readonly Certificate[]> | undefined;

function readText(text: string, origin: string): Found {
  if (text.trim() === "") return refuse("RC-TLS-031", { origin });
  const { blocks, unfinishedLine } = scanPem(text);
  const key = blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (key !== undefined) return refusePrivateKey(origin, `a ${key.label.toLowerCase()}`, key.line);
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(text)) return refusePrivateKey(origin, "a private key", undefined);
  if (unfinishedLine !== undefined)
    return refuse("RC-TLS-034", { origin, line: String(unfinishedLine), reason: "the block has no END line" });
  if (blocks.length > 0) return readBlocks(blocks, origin);
  const bare = decodeBase64(text);
  return bare !== undefined && isDer(bare) ? readBinary(bare, origin) : undefined;
}

/** A SEQUENCE, as certificates, PKCS#7 and keys all are; also the digit 0 that a text may begin with. */
function isDer(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30;
}

function readBlocks(blocks: readonly PemBlock[], origin: string): Found {
  const all: Certificate[] = [];
  for (const block of blocks) {
    const found = readBlock(block);
    if (found === undefined) continue;
    if (!found.ok) {
      const reason = found.problem.cause;
      return refuse("RC-TLS-034", { origin, line: String(block.line), reason });
    }
    all.push(...found.value);
  }
  return success(all);
}

function readBlock({ label, bytes }: PemBlock): Found {
  const isCertificate = /^(?:X509 |TRUSTED )?CERTIFICATE$/.test(label);
  if (!isCertificate && !/^(?:PKCS ?#?7|CMS|PKCS #7 SIGNED DATA)$/.test(label)) return undefined;
  if (bytes === undefined) return failure(problem("RC-TLS-030", { reason: "its base64 is broken" }));
  // openssl's TRUSTED CERTIFICATE has its own trust settings after the certificate
  const der = label.startsWith("TRUSTED") ? (readFirstDer(bytes)?.encode() ?? bytes) : bytes;
  if (isCertificate) return parseAll([der]);
  const inside = readPkcs7(der);
  if (inside === undefined) return failure(problem("RC-TLS-030", { reason: "it is not PKCS#7 SignedData" }));
  return parseAll(inside);
}

function readBinary(bytes: Uint8Array, origin: string): Found {
  const inside = readPkcs7(bytes);
  const key = inside === undefined ? recognizePrivateKey(bytes) : undefined;
  if (key !== undefined) return refusePrivateKey(origin, `a ${key}`, undefined);
  const found = parseAll(inside ?? [bytes]);
  return found.ok ? found : refuse("RC-TLS-035", { origin, reason: found.problem.cause });
}

function parseAll(ders: readonly Uint8Array[]): Result<readonly Certificate[]> {
  const all: Certificate[] = [];
  for (const der of ders) {
    const parsed = parseCertificate(der);
    if (!parsed.ok) return parsed;
    all.push(parsed.value);
  }
  return success(all);
}

function refusePrivateKey(origin: string, what: string, line: number | undefined): Result<readonly Certificate[]> {
  return refuse("RC-TLS-036", { origin, what: line === undefined ? what : `${what} in line ${line}` });
}

function describeContent(bytes: Uint8Array): string {
  const text = decodeText(bytes);
  const labels = scanPem(text).blocks.map(({ label }) => label);
  if (labels.length > 0) return `PEM blocks called ${[...new Set(labels)].join(", ")}`;
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(text)) return "a web page";
  if (/^\s*[{[]/.test(text)) return "JSON";
  return isDer(bytes) ? "a PKCS#7 structure without certificates" : `${bytes.length} bytes of something else`;
}

function refuse(code: FindingCode, facts: Facts): Result<readonly Certificate[]> {
  return failure(problem(code, facts));
}
