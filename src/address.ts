import { isIPv4, isIPv6 as isIPv6Slowly } from "node:net";

export { isIPv4 };

/** 4 or 6 for an IP address literal without brackets, 0 otherwise. */
export function isIP(text: string): 0 | 4 | 6 {
  if (isIPv6(text)) return 6;
  return isIPv4(text) ? 4 : 0;
}

/** Node's own check compiles an expression that takes a third of the credential helper's time: only where it may match. */
export function isIPv6(text: string): boolean {
  return text.includes(":") && isIPv6Slowly(text);
}

/** True for 127.0.0.0/8, ::1 and the IPv4-mapped form: Docker skips TLS verification for names that resolve there. */
export function isLoopback(address: string): boolean {
  if (isIPv4(address)) return address.startsWith("127.");
  if (!isIPv6(address)) return false;
  const canonical = canonicalIPv6(address);
  return canonical === "::1" || /^::ffff:7f[0-9a-f]{2}:/.test(canonical);
}

/** True for 0.0.0.0, :: and the IPv4-mapped form: connecting to them reaches this very host. */
export function isUnspecified(address: string): boolean {
  if (isIPv4(address)) return address === "0.0.0.0";
  return isIPv6(address) && ["::", "::ffff:0:0"].includes(canonicalIPv6(address));
}

/** RFC 5952 spelling of an IPv6 address. */
export function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}
