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

/** How many comparisons of names with constraints are left; shared by all of one verdict. */
export interface ComparisonBudget {
  left: number;
}

/** What constraints say against the names, in Go's words; or that finding out takes more than the budget. */
export type ConstraintFault = { readonly kind: "forbidden"; readonly detail: string } | { readonly kind: "too-many" };

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
 * What these constraints have against the names, or undefined. `dnsNames` and `addresses` are those of one certificate;
 * `octetsOf` reads an address. As in Go, a name costs the length of each list it is held against.
 */
export function findForbiddenName(
  constraints: NameConstraints,
  { dnsNames, ipAddresses }: { readonly dnsNames: readonly string[]; readonly ipAddresses: readonly string[] },
  octetsOf: (address: string) => Uint8Array,
  budget: ComparisonBudget,
): ConstraintFault | undefined {
  const dns: Rules<DomainRule> = {
    kind: "DNS name",
    permitted: constraints.permittedDns.map(toDomainRule),
    excluded: constraints.excludedDns.map(toDomainRule),
    show: ({ text }) => text,
  };
  const addresses: Rules<AddressRange> = {
    kind: "IP address",
    permitted: constraints.permittedAddresses,
    excluded: constraints.excludedAddresses,
    show: showRange,
  };
  const matchDomain = (name: string): ((rule: DomainRule) => boolean) => {
    const lower = name.toLowerCase();
    return (rule) => matchesDomain(lower, rule);
  };
  const matchAddress = (text: string): ((range: AddressRange) => boolean) => {
    const bytes = octetsOf(text);
    return (range) => matchesRange(bytes, range);
  };
  return judge(dns, dnsNames, matchDomain, budget) ?? judge(addresses, ipAddresses, matchAddress, budget);
}

interface Rules<T> {
  readonly kind: string;
  readonly permitted: readonly T[];
  readonly excluded: readonly T[];
  readonly show: (rule: T) => string;
}

function judge<T>(
  { kind, permitted, excluded, show }: Rules<T>,
  names: readonly string[],
  matcherOf: (name: string) => (rule: T) => boolean,
  budget: ComparisonBudget,
): ConstraintFault | undefined {
  if (permitted.length + excluded.length === 0) return undefined;
  for (const name of names) {
    const matches = matcherOf(name);
    if (!spend(budget, excluded.length)) return { kind: "too-many" };
    const hit = excluded.find(matches);
    if (hit !== undefined)
      return { kind: "forbidden", detail: `${kind} "${name}" is excluded by constraint "${show(hit)}"` };
    if (!spend(budget, permitted.length)) return { kind: "too-many" };
    if (permitted.length > 0 && !permitted.some(matches))
      return { kind: "forbidden", detail: `${kind} "${name}" is not permitted by any constraint` };
  }
  return undefined;
}

function spend(budget: ComparisonBudget, comparisons: number): boolean {
  budget.left -= comparisons;
  return budget.left >= 0;
}

/** A domain and all below it; with a dot in front, only what is below. */
interface DomainRule {
  readonly text: string;
  readonly itself: string | undefined;
  readonly below: string;
}

function toDomainRule(text: string): DomainRule {
  const lower = text.toLowerCase();
  return lower.startsWith(".")
    ? { text, itself: undefined, below: lower }
    : { text, itself: lower, below: `.${lower}` };
}

function matchesDomain(lower: string, { text, itself, below }: DomainRule): boolean {
  return text === "" || lower === itself || lower.endsWith(below);
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
