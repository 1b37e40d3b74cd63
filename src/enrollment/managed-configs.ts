import { dirname } from "node:path/posix";
import { readDockerConfig } from "../credentials/docker-config.ts";
import { locateDockerConfigs, type ConfigTarget } from "../credentials/docker-config-files.ts";
import type { ReadFiles } from "../host/ports.ts";
import { success, type Result } from "../result.ts";
import type { Declaration } from "./declaration.ts";
import type { Pass } from "./pass.ts";
import type { ManagedConfig, RegistryState } from "./state.ts";

/**
 * Docker's config files that are to have the helper: those of the caller and of the declared users, and those that an
 * earlier run put it into (whoever ran it then, by sudo perhaps).
 */
export async function locateConfigs(
  { host, watch }: Pass,
  { credentials }: Declaration,
  state: RegistryState | undefined,
): Promise<Result<readonly ConfigTarget[]>> {
  if (!credentials.dockerConfig) return success([]);
  const located = await locateDockerConfigs(host, credentials.users);
  if (!located.ok) return located;
  const before = state?.dockerConfigs ?? [];
  const isBefore = ({ path }: ManagedConfig): boolean => before.some((each) => each.path === path);
  const isOthers = (target: ConfigTarget): boolean => target.uid !== host.caller.uid && isBefore(target);
  const known = new Set(located.value.map(({ path }) => path));
  const others = [...located.value.filter(isOthers), ...before.filter(({ path }) => !known.has(path))];
  const found = await Promise.all(others.map(async (config) => findManaged(host.files, config)));
  for (const { path } of others.filter((_, index) => found[index] === undefined))
    if (known.has(path)) watch.note(`${path} is not as its user's Docker could read it, so it stays as it is`);
  const rest = located.value.filter((target) => !isOthers(target));
  return success([...rest, ...found.filter((each) => each !== undefined)]);
}

/** A file that its user has made something else of, or whose home is gone, must hold up nothing. */
async function findManaged(files: ReadFiles, { path }: ManagedConfig): Promise<ConfigTarget | undefined> {
  const home = await files.readEntry(dirname(dirname(path)));
  const parent = await files.readEntry(dirname(path));
  if (home.kind !== "directory" || !["directory", "absent"].includes(parent.kind)) return undefined;
  const entry = await files.readEntry(path);
  if (entry.kind !== "file") return entry.kind === "absent" ? { path, uid: home.uid, gid: home.gid } : undefined;
  const isReadable = readDockerConfig(Buffer.from(entry.bytes).toString("utf8"), path).ok;
  return isReadable ? { path, uid: entry.uid, gid: entry.gid } : undefined;
}
