import { problem, printable, type Problem } from "../findings/problem.ts";
import type { RegistryName } from "../registry/name.ts";
import { success, type Result } from "../result.ts";
import { certificateFiles, clientPaths } from "./certificate-files.ts";
import { isTable, parseToml, valueAt } from "./formats/toml-data.ts";
import { withoutToml } from "./formats/toml-removal.ts";
import { tomlLines, withToml, type TomlWant } from "./formats/toml.ts";
import type { Account } from "../host/ports.ts";
import { wantNothing, type Runtime, type RuntimeCase, type RuntimeView } from "./runtime.ts";

const CONFIG = "/etc/buildkit/buildkitd.toml";
const CERTIFICATES = "/etc/buildkit/certs.d";
const RESTART = "buildkitd reads its configuration only when it starts: systemctl restart buildkit";

/**
 * A BuildKit daemon of its own (buildkit: docs/buildkitd.toml.md). It reads neither certs.d nor daemon.json: each registry
 * is a table in buildkitd.toml, with the paths of its certificates. The builder inside of the Docker Engine is Docker's.
 */
export const buildkitRuntime: Runtime = {
  id: "buildkit",
  title: "BuildKit (buildkitd)",
  signs: {
    programs: ["buildkitd"],
    versionArguments: ["--version"],
    paths: [CONFIG, "/run/buildkit/buildkitd.sock"],
  },
  looksAt: ({ accounts }) => [CONFIG, ...accounts.flatMap(rootlessSigns)],
  wants: (about, view) => ({
    ...wantNothing("buildkit"),
    files: certificateFiles(directoryFor(about.name.key), about),
    edits: [{ path: CONFIG, mode: 0o644, put: (text) => putRegistry(text, about) }],
    reload: RESTART,
    advice: about.accounts.flatMap((account) => rootlessAdvice(about, account, view)),
  }),
  takeOut: (text, name) => {
    const left = withoutToml(text, foundIn(text, name));
    return success(left.trim() === "" ? "" : left);
  },
  reads: (about) => [CONFIG, ...certificateFiles(directoryFor(about.name.key), about).map(({ path }) => path)],
};

function directoryFor(key: string): string {
  return `${CERTIFICATES}/${key}`;
}

function putRegistry(text: string, about: RuntimeCase): Result<string> {
  const wants = wantsFor(about);
  const isWanted = (found: TomlWant): boolean => wants.some((want) => JSON.stringify(want) === JSON.stringify(found));
  // what does not lie there any more must not be named
  const obsolete = foundIn(text, about.name).filter((found) => !isWanted(found));
  return withToml(withoutToml(text, obsolete), wants, CONFIG);
}

function wantsFor({ name, bundle, client }: Pick<RuntimeCase, "name" | "bundle" | "client">): readonly TomlWant[] {
  return name.aliases.flatMap((alias) => [
    ...(bundle === "" ? [] : [caWant(alias, `${directoryFor(name.key)}/ca.crt`)]),
    ...(client === undefined ? [] : [pairWant(alias, directoryFor(name.key))]),
  ]);
}

function caWant(host: string, element: string): TomlWant {
  return { kind: "element", table: ["registry", host], key: "ca", element };
}

function pairWant(host: string, directory: string): TomlWant {
  const { certFile, keyFile } = clientPaths(directory);
  return { kind: "block", table: ["registry", host, "keypair"], values: { key: keyFile, cert: certFile } };
}

/** What stands there of one registry, or of all. */
function foundIn(text: string, name: RegistryName | undefined): readonly TomlWant[] {
  const parsed = parseToml(text);
  const registries = "data" in parsed ? valueAt(parsed.data, ["registry"]) : undefined;
  if (!isTable(registries)) return [];
  return Object.entries(registries).flatMap(([host, table]) => {
    const [files, pairs] = [listAt(table, "ca"), listAt(table, "keypair")];
    const ours = files.filter((file) => typeof file === "string").filter((file) => isOurs(file, name));
    const keys = pairs.flatMap((pair) => (isTable(pair) && typeof pair["key"] === "string" ? [pair["key"]] : []));
    return [
      ...ours.map((file) => caWant(host, file)),
      ...keys.filter((key) => isOurs(key, name)).map((key) => pairWant(host, key.slice(0, key.lastIndexOf("/")))),
    ];
  });
}

function listAt(table: unknown, key: string): readonly unknown[] {
  const value = isTable(table) ? table[key] : undefined;
  return Array.isArray(value) ? value : [];
}

function isOurs(path: string, name: RegistryName | undefined): boolean {
  return path.startsWith(name === undefined ? `${CERTIFICATES}/` : `${directoryFor(name.key)}/`);
}

function rootlessSigns({ home, uid }: Account): readonly string[] {
  if (uid === 0) return [];
  return [`${home}/.config/buildkit/buildkitd.toml`, `${home}/.config/systemd/user/buildkit.service`];
}

/** A user's own daemon reads a file of the user, and is the user's to restart. */
function rootlessAdvice(about: RuntimeCase, account: Account, view: RuntimeView): readonly Problem[] {
  const [path = "", ...others] = rootlessSigns(account);
  if ([path, ...others].every((each) => each === "" || view.entry(each).kind === "absent")) return [];
  const made = problem("RC-RUN-030", { login: account.login, path, name: about.name.key }, [path]);
  const lines = tomlLines(wantsFor({ ...about, client: undefined })).filter((line) => !/^(?:#|$)/.test(line));
  return [{ ...made, fix: [...made.fix, ...lines.map(printable), "systemctl --user restart buildkit"] }];
}
