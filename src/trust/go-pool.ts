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
    if (end <= index) end = endAfter(lines, index);
    if (end === lines.length) break;
    const der = decodeBlock(lines, index, end);
    // after a broken block Go looks on below its BEGIN, not below its END
    if (der === undefined) continue;
    loaded.push(...readBlock(lines[index] ?? "", der));
    index = end;
  }
  return dropDuplicates(loaded);
}

/** From there on, so that many blocks do not cost their square; the number of lines where there is none. */
function endAfter(lines: readonly string[], begin: number): number {
  let at = begin + 1;
  while (at < lines.length && lines[at]?.startsWith("-----END") !== true) at += 1;
  return at;
}

// encoding/pem getLine: spaces, tabs and carriage returns after a line do not count. A pattern would look at each of many
// spaces in front of something else anew
function trimEnd(line: string): string {
  let end = line.length;
  while (end > 0 && " \t\r".includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
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
