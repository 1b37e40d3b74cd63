import type { asn1 as Asn1Part } from "node-forge";
import asn1 from "node-forge/lib/asn1.js";

/** One element of a DER structure (X.690), read into plain data. */
export interface DerNode {
  readonly tagClass: "universal" | "application" | "context" | "private";
  readonly tag: number;
  readonly children: readonly DerNode[];
  /** The value octets of a primitive element; empty for a constructed one. */
  readonly content: Uint8Array;
  /** The whole element in DER again: tag, length and value. */
  readonly encode: () => Uint8Array;
}

/** Universal tag numbers that certificates use (X.680). */
export const derTags = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  oid: 6,
  utf8: 12,
  sequence: 16,
  set: 17,
  utcTime: 23,
  generalizedTime: 24,
  bmp: 30,
} as const;

const MAX_DEPTH = 48;
// an arc that goes on and on costs the square of its length; X.509 has none beyond some twenty octets
const MAX_OID_BYTES = 128;
const CLASSES = { 0: "universal", 64: "application", 128: "context", 192: "private" } as const;

/** Reads one BER or DER element that takes up all of `bytes`; undefined when it is none. Never throws. */
export function readDer(bytes: Uint8Array): DerNode | undefined {
  return read(bytes, true);
}

/** Reads the first element of `bytes`, whatever follows it. */
export function readFirstDer(bytes: Uint8Array): DerNode | undefined {
  return read(bytes, false);
}

/** The child at `index` when it has that universal tag. */
export function childOf(node: DerNode | undefined, index: number, tag: number): DerNode | undefined {
  const child = node?.children[index];
  return child !== undefined && isUniversal(child, tag) ? child : undefined;
}

/** The first child with context tag `[tag]`. */
export function contextChild(node: DerNode, tag: number): DerNode | undefined {
  return node.children.find((child) => child.tagClass === "context" && child.tag === tag);
}

/** True for a universal element with that tag number. */
export function isUniversal(node: DerNode, tag: number): boolean {
  return node.tagClass === "universal" && node.tag === tag;
}

/** Dotted form of an OBJECT IDENTIFIER; the empty text when it is none, or longer than 128 octets. */
export function oidOf(node: DerNode | undefined): string {
  if (node === undefined || !isUniversal(node, derTags.oid)) return "";
  if (node.content.length === 0 || node.content.length > MAX_OID_BYTES) return "";
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of node.content) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const first = arcs[0] ?? 0n;
  const top = first < 80n ? first / 40n : 2n;
  return [top, first - top * 40n, ...arcs.slice(1)].join(".");
}

/** A small non-negative INTEGER, or undefined. */
export function smallIntegerOf(node: DerNode | undefined): number | undefined {
  if (node === undefined || !isUniversal(node, derTags.integer)) return undefined;
  const first = node.content[0];
  if (first === undefined || first >= 0x80 || node.content.length > 4) return undefined;
  return node.content.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Lowercase hex. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** The text of a string element; UTF-8, or UTF-16 for BMPString, as Latin-1 where it is neither. */
export function textOf(node: DerNode): string {
  if (node.tag === derTags.bmp) return new TextDecoder("utf-16be").decode(node.content);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(node.content);
  } catch {
    return Buffer.from(node.content).toString("latin1");
  }
}

type FromDer = (bytes: string, options: Readonly<Record<string, boolean | number>>) => Asn1Part.Asn1;

function read(bytes: Uint8Array, whole: boolean): DerNode | undefined {
  const options = { strict: true, parseAllBytes: whole, decodeBitStrings: false, maxDepth: MAX_DEPTH };
  try {
    // the published types know only the older boolean in place of options
    const fromDer = asn1.fromDer as unknown as FromDer;
    return nodeOf(fromDer(Buffer.from(bytes).toString("latin1"), options));
  } catch {
    return undefined;
  }
}

function nodeOf(element: Asn1Part.Asn1): DerNode {
  const { value } = element;
  return {
    tagClass: CLASSES[element.tagClass],
    tag: element.type,
    children: typeof value === "string" ? [] : value.map(nodeOf),
    content: typeof value === "string" ? contentOf(element.type, value) : new Uint8Array(),
    encode: () => Uint8Array.from(Buffer.from(asn1.toDer(element).getBytes(), "latin1")),
  };
}

function contentOf(type: number, value: string): Uint8Array {
  // the reader turns only BMPString into characters
  if (type === derTags.bmp) return Uint8Array.from(Buffer.from(value, "utf16le").swap16());
  return Uint8Array.from(Buffer.from(value, "latin1"));
}
