import { posix } from "node:path";
import { namesIn } from "./certificate-directory.ts";
import { isTable, parseToml, valueAt, type TomlTable } from "./formats/toml-data.ts";
import type { RuntimeView } from "./runtime.ts";

/** Where containerd's own configuration lies. */
export const CONFIG = "/etc/containerd/config.toml";
const MOST_FILES = 32;

// by the `version` of a configuration: the section of the CRI plugin
const CRI = { 1: ["cri"], 2: ["io.containerd.grpc.v1.cri"], 3: ["io.containerd.cri.v1.images"] } as const;

/** What of containerd's configuration decides where it reads certificates. */
export interface ContainerdConfig {
  /** The schema of the file: decides how its sections are called. Undefined: there is no file. */
  readonly version: 1 | 2 | 3 | undefined;
  /** `config_path` of the CRI plugin: one directory, or several with colons between; undefined where none is set. */
  readonly criPath: string | undefined;
  readonly hasCri: boolean;
  /** The older way to say it, which excludes `config_path`. */
  readonly usesOldRegistry: boolean;
  /** Files that are no TOML, with the reason. */
  readonly broken: readonly { readonly path: string; readonly reason: string }[];
}

/** The configuration and what it imports, as far as it was seen (containerd-config.toml(5): imports are globs). */
export function configPaths(view: RuntimeView): readonly string[] {
  const paths = new Set<string>([CONFIG]);
  for (const path of paths) {
    if (paths.size > MOST_FILES) break;
    for (const next of importsOf(path, view)) paths.add(next);
  }
  return [...paths];
}

/** Reads it; what an imported file says counts over what the importing one does. */
export function readConfig(view: RuntimeView): ContainerdConfig {
  const texts = configPaths(view).flatMap((path) => {
    const text = view.text(path);
    return text === undefined ? [] : [{ path, parsed: parseToml(text) }];
  });
  const files = texts.flatMap(({ parsed }) => ("data" in parsed ? [parsed.data] : []));
  const disabled = files.flatMap((data) => listAt(data, ["disabled_plugins"]));
  const registry = (key: string): unknown =>
    lastOf(files, (data) => valueAt(data, [...sectionFor(data), "registry", key]));
  return {
    version: files[0] && versionOf(files[0]),
    criPath: textOrNone(registry("config_path")),
    hasCri: !disabled.some(
      (name) =>
        name === "cri" ||
        Object.values(CRI)
          .flat()
          .includes(name as never),
    ),
    usesOldRegistry: [registry("mirrors"), registry("configs")].some(
      (each) => isTable(each) && Object.keys(each).length > 0,
    ),
    broken: texts.flatMap(({ path, parsed }) => ("wrong" in parsed ? [{ path, reason: parsed.wrong }] : [])),
  };
}

/** The name of the CRI plugin's registry section, as it stands in brackets. */
export function criSection(version: 1 | 2 | 3): readonly string[] {
  return ["plugins", ...CRI[version], "registry"];
}

function sectionFor(data: TomlTable): readonly string[] {
  return ["plugins", ...CRI[versionOf(data)]];
}

function versionOf(data: TomlTable): 1 | 2 | 3 {
  const version = Number(data["version"] ?? 1);
  return version === 3 || version === 2 ? version : 1;
}

function importsOf(path: string, view: RuntimeView): readonly string[] {
  const parsed = parseToml(view.text(path) ?? "");
  const imports = "data" in parsed ? listAt(parsed.data, ["imports"]) : [];
  return imports.flatMap((each) =>
    typeof each === "string" ? matches(posix.resolve(posix.dirname(path), each), view) : [],
  );
}

/** A glob may stand in the file's name; the directory is looked at before the files in it. */
function matches(pattern: string, view: RuntimeView): readonly string[] {
  const [directory, name] = [posix.dirname(pattern), posix.basename(pattern)];
  if (!/[*?[]/.test(name)) return [pattern];
  const isMatch = new RegExp(`^${name.split("*").map(quoted).join("[^/]*")}$`);
  const files = namesIn(directory, view).filter((each) => isMatch.test(each));
  return [directory, ...files.map((each) => `${directory}/${each}`)];
}

function quoted(text: string): string {
  return text.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("?", "[^/]");
}

function listAt(data: TomlTable, path: readonly string[]): readonly unknown[] {
  const value = valueAt(data, path);
  return Array.isArray(value) ? value : [];
}

function lastOf(files: readonly TomlTable[], read: (data: TomlTable) => unknown): unknown {
  return files.map(read).findLast((each) => each !== undefined);
}

function textOrNone(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
