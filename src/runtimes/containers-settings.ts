import { problem, type Problem } from "../findings/problem.ts";
import { namesIn } from "./certificate-directory.ts";
import { isTable, parseToml, valueAt, type TomlTable } from "./formats/toml-data.ts";
import type { RuntimeCase, RuntimeView } from "./runtime.ts";

const SETTINGS = "/etc/containers/registries.conf";
const DROP_INS = "/etc/containers/registries.conf.d";

/** The files that say how podman and its kin treat a registry (containers-registries.conf(5)). */
export function settingsPaths(view: RuntimeView): readonly string[] {
  const dropIns = namesIn(DROP_INS, view).filter((name) => name.endsWith(".conf"));
  return [SETTINGS, DROP_INS, ...dropIns.map((name) => `${DROP_INS}/${name}`)];
}

/** Settings under which any certificate would do for this registry, or none at all. */
export function containersWarnings(about: RuntimeCase, view: RuntimeView): readonly Problem[] {
  const files = settingsPaths(view).filter((path) => path !== DROP_INS);
  return files.flatMap((path) => {
    const parsed = parseToml(view.text(path) ?? "");
    return "data" in parsed ? warningsIn(about, path, parsed.data) : [unreadable(about, path, parsed.wrong)];
  });
}

function warningsIn({ name }: RuntimeCase, path: string, data: TomlTable): readonly Problem[] {
  const facts = { runtime: "podman", name: name.key, path, after: "podman pull reads it anew each time" };
  const rows = listAt(data, ["registry"]).filter(isTable);
  const ours = rows.filter((row) => prefixesOf(row).some((prefix) => name.aliases.includes(prefix)));
  const oldForm = listAt(data, ["registries", "insecure", "registries"]).filter((each) => typeof each === "string");
  const blocked = ours.find((row) => row["blocked"] === true);
  const insecure = ours.find((row) => row["insecure"] === true);
  const old = oldForm.find((each) => name.aliases.includes(each));
  return [
    ...(blocked ? [problem("RC-RUN-004", { ...facts, entry: prefixesOf(blocked)[0] ?? "" }, [path])] : []),
    ...(insecure ? [problem("RC-RUN-003", { ...facts, entry: "insecure = true" }, [path])] : []),
    ...(old === undefined ? [] : [problem("RC-RUN-003", { ...facts, entry: `registries.insecure: ${old}` }, [path])]),
  ];
}

/** A row is for the images that begin with its prefix, and its location is where they are fetched. */
function prefixesOf(row: TomlTable): readonly string[] {
  return [row["prefix"], row["location"]].flatMap((each) =>
    typeof each === "string" ? [each.split("/")[0] ?? ""] : [],
  );
}

function listAt(data: TomlTable, path: readonly string[]): readonly unknown[] {
  const value = valueAt(data, path);
  return Array.isArray(value) ? value : [];
}

function unreadable({ name }: RuntimeCase, path: string, reason: string): Problem {
  return problem("RC-RUN-005", { path, reason, runtime: "podman", name: name.key }, [path]);
}
