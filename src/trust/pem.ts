/** One armoured block (RFC 7468). */
export interface PemBlock {
  readonly label: string;
  /** 1-based line of its BEGIN. */
  readonly line: number;
  /** undefined: the base64 is broken. */
  readonly bytes: Uint8Array | undefined;
}

/** What a text holds of PEM: the blocks, and the line of a BEGIN that has no END. */
export interface PemText {
  readonly blocks: readonly PemBlock[];
  readonly unfinishedLine: number | undefined;
}

/** Finds the blocks in `text`, whatever stands around them. Line ends may be LF, CRLF or CR. */
export function scanPem(text: string): PemText {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly line: number; readonly body: string[] } | undefined;
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    const [, edge, label] = /^\s*-----(BEGIN|END) ([A-Z0-9 ]+)-----\s*$/.exec(line) ?? [];
    if (edge === "BEGIN" && open !== undefined) return { blocks, unfinishedLine: open.line };
    if (edge === "BEGIN") open = { label: label ?? "", line: index + 1, body: [] };
    else if (edge === undefined) open?.body.push(line.trim());
    else if (open !== undefined) {
      if (label !== open.label) return { blocks, unfinishedLine: open.line };
      blocks.push({ label: open.label, line: open.line, bytes: decodeBody(open.body) });
      open = undefined;
    }
  }
  return { blocks, unfinishedLine: open?.line };
}

/** Strict base64 with optional padding and white space; undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const plain = text.replaceAll(/\s/g, "");
  if (plain === "" || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain)) return undefined;
  return Uint8Array.from(Buffer.from(plain, "base64"));
}

function decodeBody(lines: readonly string[]): Uint8Array | undefined {
  // RFC 1421 headers, as openssl writes them above encrypted blocks
  return decodeBase64(lines.filter((line) => !/^[A-Za-z0-9-]+: /.test(line)).join(""));
}
