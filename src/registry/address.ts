import { isIP, isIPv4, isIPv6 } from "node:net";

/** 4 or 6 for an IP address literal without brackets, 0 otherwise. */
export { isIP, isIPv4, isIPv6 };

/** True for 127.0.0.0/8, ::1 and the IPv4-mapped form: Docker skips TLS verification for names that resolve there. */
export function isLoopback(address: string): boolean {
  if (isIPv4(address)) return address.startsWith("127.");
  if (!isIPv6(address)) return false;
  const canonical = canonicalIPv6(address);
  return canonical === "::1" || /^::ffff:7f[0-9a-f]{2}:/.test(canonical);
}

/** RFC 5952 spelling of an IPv6 address. */
export function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}
