import { readDockerConfig, withoutHelper } from "../credentials/docker-config.ts";
import { readHostsLines, withoutAlias } from "../hosts/hosts-file.ts";
import type { RegistryName } from "../registry/name.ts";
import { HELPER, withoutAllAliases, withoutAllHelpers } from "./baseline.ts";
import { runtimeNamed } from "../runtimes/runtimes.ts";
import { HELPER_ENTRY, RUNTIME_CONFIG, undraftSharedFile, type Draft } from "./draft.ts";
import type { ManagedConfig, ManagedEdit } from "./state.ts";

/** Takes a registry's alias out of the hosts file at `path`. */
export function takeBackAlias(draft: Draft, name: RegistryName, path: string): void {
  if (isUnreadable(draft, path)) return;
  const text = Buffer.from(draft.view.file(path)?.bytes ?? []).toString("latin1");
  const stripped = withoutAlias(text, name.key);
  const use = {
    stillUsed: readHostsLines(stripped).some((line) => line.owner !== undefined),
    isEmpty: stripped === "",
    baseline: () => Buffer.from(withoutAllAliases(stripped), "latin1"),
  };
  undraftSharedFile(draft, path, Buffer.from(stripped, "latin1"), use, "alias");
}

/** Takes a registry's credential helper out of a Docker config. */
export function takeBackHelper(draft: Draft, name: RegistryName, config: ManagedConfig): void {
  if (isUnreadable(draft, config.path)) return;
  const text = Buffer.from(draft.view.file(config.path)?.bytes ?? []).toString("utf8");
  const read = readDockerConfig(text, config.path);
  if (!read.ok) {
    draft.notes.push(`${config.path} is not valid JSON any more, so it stays as it is`);
    return;
  }
  const stripped = withoutHelper(text, name.aliases, HELPER, draft.addedStores.get(config.path));
  const after = readDockerConfig(stripped, config.path);
  const use = {
    stillUsed: after.ok && Object.values(after.value.credHelpers).includes(HELPER),
    isEmpty: stripped.replaceAll(/\s/g, "") === "{}",
    baseline: () => Buffer.from(withoutAllHelpers(stripped)),
  };
  if (!use.stillUsed) draft.addedStores.delete(config.path);
  undraftSharedFile(draft, config.path, Buffer.from(stripped), use, HELPER_ENTRY);
}

/** Takes a registry's lines out of a file of a runtime. */
export function takeBackEdit(draft: Draft, name: RegistryName, { path, runtime: id }: ManagedEdit): void {
  if (isUnreadable(draft, path)) return;
  const text = Buffer.from(draft.view.file(path)?.bytes ?? []).toString("utf8");
  const takeOut = runtimeNamed(id)?.takeOut;
  const stripped = takeOut?.(text, name, path);
  if (takeOut === undefined || stripped?.ok !== true) {
    draft.notes.push(`${path} cannot be understood any more, so it stays as it is`);
    return;
  }
  const others = takeOut(stripped.value, undefined, path);
  const use = {
    stillUsed: others.ok && others.value !== stripped.value,
    isEmpty: stripped.value.trim() === "",
    baseline: () => Buffer.from(others.ok ? others.value : stripped.value),
  };
  undraftSharedFile(draft, path, Buffer.from(stripped.value), use, RUNTIME_CONFIG);
}

function isUnreadable(draft: Draft, path: string): boolean {
  const entry = draft.view.entry(path);
  if (entry.kind === "file" || entry.kind === "absent") return false;
  const reason = entry.kind === "unreadable" ? entry.reason : `it is a ${entry.kind}`;
  draft.notes.push(`${path} cannot be read (${reason}), so it stays as it is`);
  return true;
}
