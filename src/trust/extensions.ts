import { canonicalIPv6 } from "../address.ts";
import {
  childOf,
  contextChild,
  derTags,
  hexOf,
  isUniversal,
  oidOf,
  readDer,
  smallIntegerOf,
  type DerNode,
} from "./der.ts";
import { readNameConstraints, type NameConstraints } from "./name-constraints.ts";

/** The extensions that judging a server certificate needs (RFC 5280 section 4.2). */
export interface Extensions {
  readonly hasSubjectAltName: boolean;
  /** Hex of the extension's value: Go takes two certificates with equal subject, key and this for one. */
  readonly subjectAltNameKey: string | undefined;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly isCA: boolean | undefined;
  readonly pathLength: number | undefined;
  readonly keyUsage: readonly string[] | undefined;
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Hex. */
  readonly subjectKeyId: string | undefined;
  readonly authorityKeyId: string | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  /** Dotted OIDs of critical extensions that Go does not know. */
  readonly unhandledCritical: readonly string[];
  /** Why Go would not even read the certificate, in its words. */
  readonly goRefusal: string | undefined;
}

interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

const SAN = "2.5.29.17";
const NAME_CONSTRAINTS = "2.5.29.30";
// crypto/x509 parser.go processExtensions: subject key id, usages, constraints, CRL points, policies, authority info
const HANDLED = new Set([14, 15, 17, 19, 30, 31, 32, 33, 35, 36, 37, 54].map((arc) => `2.5.29.${arc}`));
HANDLED.add("1.3.6.1.5.5.7.1.1");
const NEVER_CRITICAL: Readonly<Record<string, string>> = {
  "2.5.29.14": "subject key identifier",
  "2.5.29.35": "authority key identifier",
  "1.3.6.1.5.5.7.1.1": "authority info access",
};
const KEY_USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
] as const;

/** Reads the Extensions SEQUENCE of a certificate; undefined when it, or one that is needed, is malformed. */
export function readExtensions(sequence: DerNode | undefined): Extensions | undefined {
  const list: Extension[] = [];
  for (const node of sequence?.children ?? []) {
    const extension = readExtension(node);
    if (extension === undefined) return undefined;
    list.push(extension);
  }
  return assemble(list);
}

/** Text of the 4 or 16 octets of an address, RFC 5952; undefined for any other length. */
function showAddress(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return undefined;
  const hex = hexOf(bytes);
  if (hex.startsWith("00000000000000000000ffff")) return bytes.slice(12).join(".");
  return canonicalIPv6(hex.match(/.{4}/g)?.join(":") ?? "::");
}

function assemble(list: readonly Extension[]): Extensions | undefined {
  const valueOf = (oid: string): Uint8Array | undefined => list.find((one) => one.oid === oid)?.value;
  const san = valueOf(SAN);
  const names = readAltNames(san);
  const basic = readBasicConstraints(valueOf("2.5.29.19"));
  const constraints = valueOf(NAME_CONSTRAINTS);
  const nameConstraints = constraints === undefined ? undefined : readNameConstraints(constraints);
  if (names === undefined || basic === undefined) return undefined;
  if (constraints !== undefined && nameConstraints === undefined) return undefined;
  return {
    hasSubjectAltName: san !== undefined,
    subjectAltNameKey: san === undefined ? undefined : hexOf(san),
    dnsNames: names.dnsNames,
    ipAddresses: names.ipAddresses,
    ...basic,
    keyUsage: readKeyUsage(valueOf("2.5.29.15")),
    extendedKeyUsage: readUsages(valueOf("2.5.29.37")),
    subjectKeyId: readSubjectKeyId(valueOf("2.5.29.14")),
    authorityKeyId: readAuthorityKeyId(valueOf("2.5.29.35")),
    nameConstraints,
    unhandledCritical: list
      .filter(({ oid, critical }) => critical && isUnhandled(oid, names.understood, nameConstraints))
      .map(({ oid }) => oid),
    goRefusal: findRefusal(list),
  };
}

function readExtension(node: DerNode): Extension | undefined {
  const oid = oidOf(childOf(node, 0, derTags.oid));
  const value = node.children.at(-1);
  if (oid === "" || value === undefined || !isUniversal(value, derTags.octetString)) return undefined;
  const critical = (childOf(node, 1, derTags.boolean)?.content[0] ?? 0) !== 0;
  return { oid, critical, value: value.content };
}

function isUnhandled(oid: string, sanUnderstood: boolean, constraints: NameConstraints | undefined): boolean {
  if (oid === SAN) return !sanUnderstood;
  if (oid === NAME_CONSTRAINTS) return constraints?.understood === false;
  return !HANDLED.has(oid);
}

function findRefusal(list: readonly Extension[]): string | undefined {
  const oids = list.map(({ oid }) => oid);
  const twice = oids.find((oid, index) => oids.indexOf(oid) !== index);
  if (twice !== undefined) return `x509: certificate contains duplicate extension with OID "${twice}"`;
  const wrong = list.find(({ oid, critical }) => critical && NEVER_CRITICAL[oid] !== undefined);
  return wrong === undefined ? undefined : `x509: ${NEVER_CRITICAL[wrong.oid]} incorrectly marked critical`;
}

interface AltNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Go treats a critical extension without any name of a kind it knows as unhandled. */
  readonly understood: boolean;
}

function readAltNames(value: Uint8Array | undefined): AltNames | undefined {
  if (value === undefined) return { dnsNames: [], ipAddresses: [], understood: true };
  const names = readDer(value);
  if (names === undefined || !isUniversal(names, derTags.sequence)) return undefined;
  const contents = (tag: number): readonly Uint8Array[] =>
    names.children.filter((one) => one.tagClass === "context" && one.tag === tag).map((one) => one.content);
  const ipAddresses = contents(7).map(showAddress);
  if (ipAddresses.includes(undefined)) return undefined;
  return {
    dnsNames: contents(2).map((bytes) => Buffer.from(bytes).toString("latin1")),
    ipAddresses: ipAddresses.filter((address) => address !== undefined),
    understood: [1, 2, 6, 7].some((tag) => contents(tag).length > 0),
  };
}

function readBasicConstraints(
  value: Uint8Array | undefined,
): { readonly isCA: boolean | undefined; readonly pathLength: number | undefined } | undefined {
  if (value === undefined) return { isCA: undefined, pathLength: undefined };
  const node = readDer(value);
  if (node === undefined || !isUniversal(node, derTags.sequence)) return undefined;
  const isCA = (childOf(node, 0, derTags.boolean)?.content[0] ?? 0) !== 0;
  const last = node.children.at(-1);
  return { isCA, pathLength: smallIntegerOf(last) };
}

function readKeyUsage(value: Uint8Array | undefined): readonly string[] | undefined {
  const bits = value === undefined ? undefined : readDer(value)?.content;
  if (bits === undefined) return undefined;
  return KEY_USAGES.filter((_, bit) => ((bits[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

function readUsages(value: Uint8Array | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : readDer(value)?.children.map(oidOf);
}

function readSubjectKeyId(value: Uint8Array | undefined): string | undefined {
  const node = value === undefined ? undefined : readDer(value);
  return node === undefined ? undefined : hexOf(node.content);
}

function readAuthorityKeyId(value: Uint8Array | undefined): string | undefined {
  const node = value === undefined ? undefined : readDer(value);
  const id = node === undefined ? undefined : contextChild(node, 0);
  return id === undefined ? undefined : hexOf(id.content);
}
