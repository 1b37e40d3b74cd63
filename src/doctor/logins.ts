import { posix } from "node:path";
import { findPlainLogin, readDockerConfig, type DockerConfig } from "../credentials/docker-config.ts";
import { isOnPath, locateDockerConfigs } from "../credentials/docker-config-files.ts";
import { problem, type Problem } from "../findings/problem.ts";
import type { Host } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import { failed, ok, skipped, warning, type Verdict } from "./report.ts";

/** A Docker config that was read. */
interface UserConfig {
  readonly path: string;
  readonly config: DockerConfig;
}

/** What of the users' Docker configs could be read, and what is wrong with the others. */
export interface UserConfigs {
  readonly readable: readonly UserConfig[];
  readonly problems: readonly Problem[];
}

/** Reads the Docker configs of the caller, of who called sudo, and of the users that declarations name. */
export async function readUserConfigs(host: Host, users: readonly string[]): Promise<UserConfigs> {
  const located = await locateDockerConfigs(host, users);
  if (!located.ok) return { readable: [], problems: [located.problem] };
  const readable: UserConfig[] = [];
  const problems: Problem[] = [];
  for (const { path } of located.value) {
    const entry = await host.files.readEntry(path);
    if (entry.kind !== "file") continue;
    const config = readDockerConfig(Buffer.from(entry.bytes).toString("utf8"), path);
    if (config.ok) readable.push({ path, config: config.value });
    else problems.push(config.problem);
  }
  return { readable, problems };
}

/** The configs as they are, for every registry: can they be read, and can the helpers they name be run? */
export async function examineConfigs(host: Host, { readable, problems }: UserConfigs): Promise<readonly Verdict[]> {
  const found = problems.flatMap(failed);
  for (const each of readable) found.push(...(await examineHelpers(host, each)));
  if (found.length > 0) return found;
  return readable.length === 0
    ? skipped("no user has a Docker config")
    : ok(readable.map(({ path }) => path).join(", "));
}

async function examineHelpers(host: Host, { path, config }: UserConfig): Promise<readonly Verdict[]> {
  const { credsStore, credHelpers } = config;
  const suffixes = new Set([...(credsStore === undefined ? [] : [credsStore]), ...Object.values(credHelpers)]);
  const found: Verdict[] = [];
  for (const suffix of suffixes) {
    const helper = `docker-credential-${suffix}`;
    const named = Object.entries(credHelpers).filter(([, value]) => value === suffix);
    const registries = suffix === credsStore ? "every registry" : named.map(([key]) => key).join(", ");
    const facts = { path, helper, registries };
    if (!(await isOnPath(host, helper))) found.push(...failed(problem("RC-CRD-040", facts, [`${path}: ${suffix}`])));
    else found.push(...(await examineStore(host, suffix, path)));
  }
  return found;
}

/** Helpers that are there, and cannot work for this user. */
async function examineStore(host: Host, suffix: string, path: string): Promise<readonly Verdict[]> {
  const { caller, files } = host;
  if (suffix === "secretservice") {
    const bus = await files.readEntry(`/run/user/${caller.uid}/bus`);
    const isThere = bus.kind === "other" || caller.environment["DBUS_SESSION_BUS_ADDRESS"] !== undefined;
    return isThere
      ? []
      : warning(problem("RC-CRD-043", { path, name: "NAME" }, [`${path}: secretservice`, "no D-Bus session"]));
  }
  if (suffix !== "pass") return [];
  const store = caller.environment["PASSWORD_STORE_DIR"] ?? `${posix.dirname(posix.dirname(path))}/.password-store`;
  const key = await files.readEntry(`${store}/.gpg-id`);
  return key.kind === "absent" ? warning(problem("RC-CRD-044", { path }, [`${store}/.gpg-id is not there`])) : [];
}

/** The login that docker finds for a registry: under its very name, in a vault, or in clear. */
export function examineLogins(name: RegistryName, { readable }: UserConfigs): readonly Verdict[] {
  const found = readable.flatMap((each) => examineLogin(name, each));
  if (found.length > 0) return found;
  const helped = readable.filter(({ config }) => helperOf(name, config) !== undefined);
  return helped.length === 0
    ? skipped("no user's Docker config says anything about it")
    : ok(helped.map(({ path, config }) => `${path}: docker-credential-${helperOf(name, config)}`).join(", "));
}

function examineLogin(name: RegistryName, { path, config }: UserConfig): readonly Verdict[] {
  if (helperOf(name, config) !== undefined) return [];
  const key = Object.keys(config.auths).find((each) => bare(each) === name.referencePrefix);
  if (key !== undefined && findPlainLogin(config, [name.referencePrefix]) !== undefined)
    return warning(problem("RC-CRD-041", { path, key, name: name.key }, [`${path}: auths.${key}`]));
  const stored = [...Object.keys(config.auths), ...Object.keys(config.credHelpers)].filter((each) =>
    isOther(each, name),
  );
  if (key !== undefined || stored.length === 0) return [];
  const facts = { reference: name.referencePrefix, path, stored: stored.join(", "), name: name.key };
  return failed(problem("RC-CRD-042", facts, [`${path}: ${facts.stored}`]));
}

/** Docker asks the helper of exactly this name first, then the store for all (docker/cli: cli/config/configfile). */
function helperOf({ referencePrefix }: RegistryName, { credHelpers, credsStore }: DockerConfig): string | undefined {
  return credHelpers[referencePrefix] ?? credsStore;
}

/** Another spelling of the same registry: with or without the port. Another port is another registry. */
function isOther(key: string, name: RegistryName): boolean {
  return bare(key) !== name.referencePrefix && [...name.aliases, name.host].includes(bare(key));
}

function bare(key: string): string {
  return key.replace(/^https?:\/\//i, "").replace(/\/.*$/, "");
}
