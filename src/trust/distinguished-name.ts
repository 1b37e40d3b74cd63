import { childOf, derTags, hexOf, oidOf, textOf, type DerNode } from "./der.ts";

/** What is read from a Name (RFC 5280 section 4.1.2.4). */
export interface DistinguishedName {
  /** RFC 4514 text, the most specific part first. */
  readonly text: string;
  /** Hex of the DER. */
  readonly key: string;
  /** The last commonName, which is the one Go shows. */
  readonly commonName: string | undefined;
  readonly organization: string | undefined;
}

interface Attribute {
  readonly type: string;
  readonly value: string;
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "street",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.25": "DC",
  "0.9.2342.19200300.100.1.1": "UID",
  "1.2.840.113549.1.9.1": "emailAddress",
};

/** Reads a Name; undefined when the structure is not one. */
export function readDistinguishedName(node: DerNode): DistinguishedName | undefined {
  const parts: Attribute[][] = [];
  for (const set of node.children) {
    const part = set.children.map(readAttribute).filter((attribute) => attribute !== undefined);
    if (part.length !== set.children.length) return undefined;
    parts.push(part);
  }
  const all = parts.flat();
  return {
    text: parts
      .map((part) => part.map(showAttribute).join("+"))
      .toReversed()
      .join(","),
    key: hexOf(node.encode()),
    commonName: all.findLast(({ type }) => type === "CN")?.value,
    organization: all.find(({ type }) => type === "O")?.value,
  };
}

function readAttribute(node: DerNode): Attribute | undefined {
  const type = oidOf(childOf(node, 0, derTags.oid));
  const value = node.children[1];
  if (type === "" || value === undefined) return undefined;
  return { type: SHORT_NAMES[type] ?? type, value: textOf(value) };
}

function showAttribute({ type, value }: Attribute): string {
  return `${type}=${value.replaceAll(/[,+"\\<>;]/g, String.raw`\$&`)}`;
}
