import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { nodeVersion } from "./node-binary.ts";

/** An npm package of which something is in the executable, or Node itself. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  /** The text of its licence. */
  readonly text: string;
  /** Whose it is, as its licence says or else its package.json. */
  readonly holders: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string; readonly email?: string };
}

/** The packages that these source files are of, and Node, by name. One without a licence throws. */
export function listBundled(sources: readonly string[], nodeLicence: string): readonly BundledPackage[] {
  const folders = new Set(sources.flatMap((path) => packageFolder(path) ?? []));
  const found = [...folders].map(readPackage);
  const node = {
    name: "node",
    version: nodeVersion(),
    licence: "MIT",
    text: nodeLicence,
    holders: ["Node.js contributors"],
  };
  const all = [...found, node];
  const unique = new Map(all.map((each) => [`${each.name}@${each.version}`, each]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/** The innermost folder below node_modules. */
function packageFolder(path: string): string | undefined {
  const marker = `${sep}node_modules${sep}`;
  const start = path.lastIndexOf(marker);
  if (start === -1) return undefined;
  const parts = path.slice(start + marker.length).split(sep);
  const length = parts[0]?.startsWith("@") ? 2 : 1;
  return path.slice(0, start + marker.length) + parts.slice(0, length).join(sep);
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const text = readLicence(folder);
  if (license === undefined && text === undefined) throw new Error(`${name} says nowhere what its licence is`);
  const stated = (text ?? "").split("\n").flatMap((line) => readHolder(line) ?? []);
  const writer = typeof author === "string" ? author : (author?.name ?? `the authors of ${name}`);
  const holders = stated.length > 0 ? stated : [writer];
  return {
    name,
    version,
    licence: license ?? "see text",
    text: text ?? `${license}, as its package.json says`,
    holders,
  };
}

function readLicence(folder: string): string | undefined {
  const name = readdirSync(folder).find((each) => /^(licen[cs]e|copying)(\.|-|$)/i.test(each));
  if (name === undefined || !existsSync(join(folder, name))) return undefined;
  return readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").replaceAll("\f", "");
}

const HOLDER = /^\W*copyright\s*(?:\(c\)|©|:)?\s*(.*\d{4}.*)$/i;

function readHolder(line: string): string | undefined {
  return HOLDER.exec(line.trim())?.[1]
    ?.replace(/^\(c\)\s*/i, "")
    .trim();
}
