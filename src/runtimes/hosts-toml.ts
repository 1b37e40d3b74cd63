import { posix } from "node:path";
import { success, type Result } from "../result.ts";
import { clientPaths } from "./certificate-files.ts";
import { isTable, parseToml, valueAt } from "./formats/toml-data.ts";
import { withoutToml } from "./formats/toml-removal.ts";
import { withToml, type TomlWant } from "./formats/toml.ts";
import type { RuntimeCase, RuntimeView, SharedEdit } from "./runtime.ts";

const OURS = "# written by regclient, and taken back by regclient unenroll\n";

/** True for a hosts.toml that is regclient's own, from the first byte on. */
export function isOwnHostsToml(text: string | undefined): boolean {
  return text?.startsWith(OURS) === true;
}

/**
 * A hosts.toml of our own (containerd: docs/hosts.md). The certificates are named twice: what the host does not have is
 * looked for at `server` as well, and an x509 error there would hide the true cause.
 */
export function renderHostsToml(server: string, directory: string, present: Present): string {
  const lines = linesFor(directory, present);
  const host = [`[host."${server}"]`, 'capabilities = ["pull", "resolve", "push"]', ...lines].join("\n  ");
  return `${OURS}${[`server = "${server}"`, ...lines].join("\n")}\n\n${host}\n`;
}

/** What lies beside a hosts.toml. */
export interface Present {
  readonly hasCa: boolean;
  readonly hasClient: boolean;
}

/** What lies there in this case. */
export function presentIn({ bundle, client }: RuntimeCase): Present {
  return { hasCa: bundle !== "", hasClient: client !== undefined };
}

function linesFor(directory: string, { hasCa, hasClient }: Present): readonly string[] {
  const { certFile, keyFile } = clientPaths(directory);
  return [
    ...(hasCa ? [`ca = ["${directory}/ca.crt"]`] : []),
    ...(hasClient ? [`client = [["${certFile}", "${keyFile}"]]`] : []),
  ];
}

/** The edit of the hosts.toml in a directory for this registry, where somebody has written one; it hides the files beside. */
export function hostsTomlEdits(directory: string, about: RuntimeCase, view: RuntimeView): readonly SharedEdit[] {
  const path = `${directory}/hosts.toml`;
  if (view.entry(path).kind === "absent" || isOwnHostsToml(view.text(path))) return [];
  return [{ path, mode: 0o644, put: (text) => withCertificates(text, path, about.name.aliases, presentIn(about)) }];
}

/** The other name of a directory for host:port, which containerd's loader reads first, even when it is empty. */
export function underscored(alias: string): string {
  return alias.replace(/:(\d+)$/, "_$1_");
}

/** A hosts.toml of somebody else, with the certificates beside it named for this registry; all else as it was. */
function withCertificates(
  text: string,
  path: string,
  authorities: readonly string[],
  { hasCa, hasClient }: Present,
): Result<string> {
  const wants = wantsFor(text, path, authorities);
  const isPresent = (want: TomlWant): boolean => (want.kind === "element" ? hasCa : hasClient);
  // what does not lie there any more must not be named
  const left = withoutToml(
    text,
    wants.filter((want) => !isPresent(want)),
  );
  return withToml(left, wants.filter(isPresent), path);
}

/** The same text without them. */
export function withoutCertificates(text: string, path: string): Result<string> {
  return success(withoutToml(text, wantsFor(text, path, undefined)));
}

/** The hosts whose certificates somebody has switched off the check of. */
export function uncheckedHosts(text: string, authorities: readonly string[]): readonly string[] {
  const parsed = parseToml(text);
  if ("wrong" in parsed) return [];
  const own = hostTables(text, authorities).filter(
    (url) => valueAt(parsed.data, ["host", url, "skip_verify"]) === true,
  );
  return [...own, ...(parsed.data["skip_verify"] === true ? ["server"] : [])];
}

/** The array at the top is the server's; each host's own is in its table. Without `authorities`, all hosts'. */
function wantsFor(text: string, path: string, authorities: readonly string[] | undefined): readonly TomlWant[] {
  const tables = [[], ...hostTables(text, authorities).map((url) => ["host", url])];
  const directory = posix.dirname(path);
  const { certFile, keyFile } = clientPaths(directory);
  return tables.flatMap((table) => [
    { kind: "element", table, key: "ca", element: `${directory}/ca.crt` },
    { kind: "key", table, key: "client", value: [[certFile, keyFile]] },
  ]);
}

function hostTables(text: string, authorities: readonly string[] | undefined): readonly string[] {
  const parsed = parseToml(text);
  const hosts = "data" in parsed ? valueAt(parsed.data, ["host"]) : undefined;
  const urls = isTable(hosts) ? Object.keys(hosts) : [];
  return urls.filter((url) => authorities === undefined || authorities.includes(authorityOf(url)));
}

function authorityOf(url: string): string {
  return url.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}
