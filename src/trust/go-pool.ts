import { dropDuplicates } from "./anchors.ts";
import { parseCertificate, type Certificate } from "./certificate.ts";
import { decodeBase64 } from "./pem.ts";

/**
 * What Go's AppendCertsFromPEM takes from the bytes of a ca.crt: blocks called exactly CERTIFICATE, without headers,
 * each on lines of its own. All else (DER, PKCS#7, a byte order mark before the first block, two blocks that share a
 * line) it skips without a word, and so the list may be empty.
 */
export function loadLikeGo(bytes: Uint8Array): readonly Certificate[] {
  const lines = Buffer.from(bytes).toString("latin1").split("\n").map(trimEnd);
  const loaded: Certificate[] = [];
  let end = 0;
  for (let index = 0; index < lines.length; index += 1) {
    if (!/^-----BEGIN .*-----$/.test(lines[index] ?? "")) continue;
    if (end <= index) end = lines.findIndex((line, at) => at > index && line.startsWith("-----END"));
    if (end < 0) break;
    const der = decodeBlock(lines, index, end);
    // after a broken block Go looks on below its BEGIN, not below its END
    if (der === undefined) continue;
    loaded.push(...readBlock(lines[index] ?? "", der));
    index = end;
  }
  return dropDuplicates(loaded);
}

// encoding/pem getLine: spaces, tabs and carriage returns after a line do not count
function trimEnd(line: string): string {
  return line.replace(/[ \t\r]+$/, "");
}

function decodeBlock(lines: readonly string[], begin: number, end: number): Uint8Array | undefined {
  if (lines[end] !== lines[begin]?.replace("BEGIN", "END")) return undefined;
  // one step is enough for a BEGIN inside, so that many of them do not cost their square
  if (lines[begin + 1]?.startsWith("-") === true && end > begin + 1) return undefined;
  return decodeBase64(lines.slice(begin + 1, end).join(""));
}

function readBlock(begin: string, der: Uint8Array): readonly Certificate[] {
  if (begin !== "-----BEGIN CERTIFICATE-----") return [];
  const parsed = parseCertificate(der);
  return parsed.ok && parsed.value.goRefusal === undefined ? [parsed.value] : [];
}
