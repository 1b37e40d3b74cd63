import { contextChild, derTags, isUniversal, readDer, type DerNode } from "./der.ts";

/** A subtree of addresses: 4 or 16 octets, and a mask of as many. */
export interface AddressRange {
  readonly address: Uint8Array;
  readonly mask: Uint8Array;
}

/** What a CA may vouch for (RFC 5280 section 4.2.1.10), for the names a registry can have. */
export interface NameConstraints {
  readonly permittedDns: readonly string[];
  readonly excludedDns: readonly string[];
  readonly permittedAddresses: readonly AddressRange[];
  readonly excludedAddresses: readonly AddressRange[];
  /** False when there is a kind that Go does not evaluate, which it refuses if the extension is critical. */
  readonly understood: boolean;
}

interface Subtrees {
  readonly dns: readonly string[];
  readonly addresses: readonly AddressRange[];
  readonly understood: boolean;
}

// rfc822Name, dNSName, uniformResourceIdentifier, iPAddress
const KNOWN_KINDS = new Set([1, 2, 6, 7]);

/** Reads the value of a nameConstraints extension; undefined when it is malformed. */
export function readNameConstraints(value: Uint8Array): NameConstraints | undefined {
  const node = readDer(value);
  if (node === undefined || !isUniversal(node, derTags.sequence)) return undefined;
  const permitted = readSubtrees(contextChild(node, 0));
  const excluded = readSubtrees(contextChild(node, 1));
  if (permitted === undefined || excluded === undefined) return undefined;
  return {
    permittedDns: permitted.dns,
    excludedDns: excluded.dns,
    permittedAddresses: permitted.addresses,
    excludedAddresses: excluded.addresses,
    understood: permitted.understood && excluded.understood,
  };
}

/**
 * Why these constraints forbid the names, in Go's words, or undefined. `dnsNames` and `addresses` are those of one
 * certificate; addresses are their octets.
 */
export function findForbiddenName(
  constraints: NameConstraints,
  dnsNames: readonly string[],
  addresses: readonly { readonly text: string; readonly bytes: Uint8Array }[],
): string | undefined {
  for (const name of dnsNames) {
    const found = judge("DNS name", name, constraints.permittedDns, constraints.excludedDns, (one) => ({
      text: one,
      matches: matchesDomain(name, one),
    }));
    if (found !== undefined) return found;
  }
  for (const { text, bytes } of addresses) {
    const { permittedAddresses, excludedAddresses } = constraints;
    const found = judge("IP address", text, permittedAddresses, excludedAddresses, (one) => ({
      text: showRange(one),
      matches: matchesRange(bytes, one),
    }));
    if (found !== undefined) return found;
  }
  return undefined;
}

function judge<T>(
  kind: string,
  name: string,
  permitted: readonly T[],
  excluded: readonly T[],
  match: (constraint: T) => { readonly text: string; readonly matches: boolean },
): string | undefined {
  const hit = excluded.map(match).find(({ matches }) => matches);
  if (hit !== undefined) return `${kind} "${name}" is excluded by constraint "${hit.text}"`;
  if (permitted.length === 0 || permitted.some((one) => match(one).matches)) return undefined;
  return `${kind} "${name}" is not permitted by any constraint`;
}

function matchesDomain(domain: string, constraint: string): boolean {
  if (constraint === "") return true;
  const needsMore = constraint.startsWith(".");
  const wanted = constraint
    .slice(needsMore ? 1 : 0)
    .toLowerCase()
    .split(".")
    .toReversed();
  const labels = domain.toLowerCase().split(".").toReversed();
  if (labels.length < wanted.length || (needsMore && labels.length === wanted.length)) return false;
  return wanted.every((label, index) => label === labels[index]);
}

function matchesRange(address: Uint8Array, range: AddressRange): boolean {
  if (address.length !== range.address.length) return false;
  return address.every((byte, index) => {
    const mask = range.mask[index] ?? 0;
    return (byte & mask) === ((range.address[index] ?? 0) & mask);
  });
}

function showRange({ address, mask }: AddressRange): string {
  const ones = [...mask].reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  const groups =
    address.length === 4 ? address.join(".") : Buffer.from(address).toString("hex").match(/.{4}/g)?.join(":");
  return `${groups ?? ""}/${ones}`;
}

function readSubtrees(node: DerNode | undefined): Subtrees | undefined {
  const bases = (node?.children ?? []).map((subtree) => subtree.children[0]);
  const known = bases.filter((base) => base !== undefined && base.tagClass === "context");
  if (known.length !== bases.length) return undefined;
  const ofKind = (tag: number): readonly Uint8Array[] =>
    known.filter((base) => base?.tag === tag).map((base) => base?.content ?? new Uint8Array());
  const addresses = ofKind(7);
  if (addresses.some(({ length }) => length !== 8 && length !== 32)) return undefined;
  return {
    dns: ofKind(2).map((bytes) => Buffer.from(bytes).toString("latin1")),
    addresses: addresses.map((bytes) => ({
      address: bytes.slice(0, bytes.length / 2),
      mask: bytes.slice(bytes.length / 2),
    })),
    understood: known.every((base) => KNOWN_KINDS.has(base?.tag ?? -1)),
  };
}
