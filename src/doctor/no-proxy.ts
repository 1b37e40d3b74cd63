import { BlockList } from "node:net";
import { isIP, isLoopback } from "../address.ts";
import type { RegistryName } from "../registry/name.ts";

/**
 * Whether a Go program with this NO_PROXY goes to the registry itself (golang.org/x/net/http/httpproxy): `*`, names that
 * also cover what is below them, names with a leading dot, addresses, networks; each with a port or without.
 */
export function bypassesProxy(noProxy: string, { host, port, isAddress }: RegistryName): boolean {
  if (host === "localhost" || isLoopback(host)) return true;
  const entries = noProxy
    .toLowerCase()
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  return entries.some((entry) => {
    if (entry === "*") return true;
    if (entry.includes("/")) return isAddress && isInside(entry, host);
    const [, name = entry, only] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) > 0 ? "" : entry) ?? [];
    if (only !== undefined && Number(only) !== port) return false;
    const bare = (isIP(entry) > 0 ? entry : name).replace(/^\[(.*)\]$/, "$1");
    if (isAddress || isIP(bare) > 0) return bare === host;
    return bare.startsWith(".") ? host.endsWith(bare) : host === bare || host.endsWith(`.${bare.replace(/^\*\./, "")}`);
  });
}

function isInside(network: string, address: string): boolean {
  const [base = "", bits = ""] = network.split("/");
  const family = isIP(base);
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  list.addSubnet(base, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return list.check(address, family === 4 ? "ipv4" : "ipv6");
}
