import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { canonicalIPv6, isIP, isIPv6 } from "../address.ts";

/** A registry as Docker names it: the part of an image reference before the first slash. */
export interface RegistryName {
  /** Host without brackets: `devregistry`, `10.0.0.5`, `fd00::5`. */
  readonly host: string;
  readonly port: number;
  readonly isAddress: boolean;
  /** The one spelling used for files and state: no port when it is 443. */
  readonly key: string;
  /** Host and port as a URL authority, port always present. */
  readonly authority: string;
  /** Every spelling Docker may look trust and credentials up under; for 443 both `host` and `host:443`. */
  readonly aliases: readonly string[];
  /** What an image reference must begin with; a dotless host needs its port to be seen as a registry. */
  readonly referencePrefix: string;
}

const DEFAULT_PORT = 443;
const HUB_NAMES = new Set([
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
  "hub.docker.com",
  "auth.docker.io",
]);
// distribution/reference regexp.go: domain-component, without the uppercase that Docker lower-cases nowhere
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Reads `host`, `host:port`, `1.2.3.4:port` or `[v6]:port`. Anything Docker would not take as a registry is refused. */
export function parseRegistryName(text: string): Result<RegistryName> {
  const refused = reasonToRefuse(text);
  if (refused !== undefined) return refuse(text, refused);
  const split = splitPort(text);
  if (split === undefined)
    return refuse(text, "the port must be a number from 1 to 65535, and an IPv6 address stands in brackets");
  const { host, port } = split;
  const badHost = isIP(host) > 0 ? badAddress(host) : badHostName(host);
  if (badHost !== undefined) return refuse(text, badHost);
  return success(nameOf(isIPv6(host) ? canonicalIPv6(host) : host, port));
}

/** An image reference on this registry, as it must be typed. */
export function imageReference(name: RegistryName, repository: string): string {
  return `${name.referencePrefix}/${repository}`;
}

/** True when Docker would read `host/…` as a Docker Hub namespace (distribution/reference normalize.go). */
export function looksLikeHubNamespace(name: RegistryName): boolean {
  return !name.isAddress && !name.host.includes(".") && name.host !== "localhost";
}

function refuse(name: string, reason: string): Result<RegistryName> {
  return failure(problem("RC-NAM-001", { name, reason }));
}

function reasonToRefuse(text: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007f-\u00a0]/.test(text)) return "it has a space or a control character";
  if (text === "") return "it is empty";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return "it has a scheme; registries are named without https://";
  if (text.includes("/")) return "it has a path; only the host and the port are wanted";
  if (text.includes("@")) return "it has a user name; give that with --username";
  if (text.includes("*")) return "it has a wildcard; each registry is enrolled by its own name";
  if (/[A-Z]/.test(text))
    return "it has uppercase letters; Docker looks names up as they are typed, so write it in lowercase";
  return undefined;
}

function splitPort(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::([0-9]{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const bracketed = match[1];
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined;
  const port = match[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (port < 1 || port > 65535) return undefined;
  return { host: bracketed ?? match[2] ?? "", port };
}

function badAddress(host: string): string | undefined {
  const canonical = isIPv6(host) ? canonicalIPv6(host) : host;
  if (["0.0.0.0", "::", "::ffff:0:0"].includes(canonical)) return "the unspecified address names no host";
  return undefined;
}

function badHostName(host: string): string | undefined {
  if (HUB_NAMES.has(host)) return "that is Docker Hub, which needs no enrollment and must never be redirected by one";
  if (host.length > 253) return "a host name has at most 253 characters";
  if (host.includes("..")) return "it has two dots in a row";
  if (/^[0-9][0-9.]*$/.test(host)) return "it looks like an IPv4 address but is not one";
  const bad = host.split(".").find((label) => !LABEL.test(label));
  return bad === undefined
    ? undefined
    : `the label "${bad}" must be 1 to 63 lowercase letters, digits or inner hyphens`;
}

function nameOf(host: string, port: number): RegistryName {
  const bare = isIPv6(host) ? `[${host}]` : host;
  const authority = `${bare}:${port}`;
  const isDefault = port === DEFAULT_PORT;
  const isAddress = isIP(host) > 0;
  const needsPort = !isDefault || (!host.includes(".") && host !== "localhost");
  return {
    host,
    port,
    isAddress,
    key: isDefault ? bare : authority,
    authority,
    aliases: isDefault ? [bare, authority] : [authority],
    referencePrefix: needsPort ? authority : bare,
  };
}
