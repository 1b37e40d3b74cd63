import { canonicalIPv6, isIPv6 } from "../address.ts";
import type { Certificate } from "./certificate.ts";

/** The name a client dials, as in `RegistryName`. */
export interface DialledName {
  /** A host name, or an address without brackets. */
  readonly host: string;
  readonly isAddress: boolean;
  /** What the registry is enrolled as, where that is more than the host. */
  readonly key?: string;
}

/** True when `certificate` names the host as Go's VerifyHostname wants it: by SAN only (RFC 6125, RFC 9525). */
export function coversName(certificate: Certificate, { host, isAddress }: DialledName): boolean {
  if (isAddress) return certificate.ipAddresses.includes(plainAddress(host));
  const name = host.toLowerCase();
  const regular = isValidHostname(name.replace(/\.$/, ""), false);
  return certificate.dnsNames.some((pattern) =>
    regular && isValidHostname(pattern, true) ? matchesPattern(pattern, name) : pattern.toLowerCase() === name,
  );
}

/** True for a certificate that would cover the host by its common name, which Go no longer looks at. */
export function reliesOnCommonName(certificate: Certificate, { host }: DialledName): boolean {
  const { commonName, hasSubjectAltName } = certificate;
  return !hasSubjectAltName && commonName !== undefined && matchesPattern(commonName, host);
}

/** The SAN entry openssl takes for the host: `DNS:devregistry`, `IP:10.0.0.5`. */
export function subjectAltName({ host, isAddress }: DialledName): string {
  return `${isAddress ? "IP" : "DNS"}:${host}`;
}

// crypto/x509 validHostname: more lenient than DNS, as names outside the web are
function isValidHostname(host: string, isPattern: boolean): boolean {
  const labels = host.split(".");
  return labels.every(
    (label, index) => (isPattern && index === 0 && label === "*") || /^[a-z0-9_][a-z0-9_-]*$/i.test(label),
  );
}

function matchesPattern(pattern: string, host: string): boolean {
  const wanted = pattern.toLowerCase().split(".");
  const labels = host.toLowerCase().replace(/\.$/, "").split(".");
  if (pattern === "" || host === "" || wanted.length !== labels.length) return false;
  return wanted.every((label, index) => (index === 0 && label === "*") || label === labels[index]);
}

function plainAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const canonical = canonicalIPv6(address);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (mapped === null) return canonical;
  const [high = 0, low = 0] = mapped.slice(1).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
