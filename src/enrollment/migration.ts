import { findPlainLogin, readDockerConfig, type PlainLogin } from "../credentials/docker-config.ts";
import { locateDockerConfigs } from "../credentials/docker-config-files.ts";
import { success, type Result } from "../result.ts";
import type { Declaration } from "./declaration.ts";
import type { EnrollRequest, Pass } from "./pass.ts";

/** A login that `docker login` left readable in a config file, and whether it is to go into the vault. */
export interface Migration {
  readonly migrate: boolean;
  readonly login: PlainLogin | undefined;
}

/** Looks for such a login, and takes the command line's or a person's word for moving it. */
export async function decideMigration(
  pass: Pass,
  request: EnrollRequest,
  declaration: Declaration,
): Promise<Result<Migration>> {
  const { dockerConfig, users } = declaration.credentials;
  const configs = dockerConfig ? await locateDockerConfigs(pass.host, users) : success([]);
  if (!configs.ok) return configs;
  for (const { path } of configs.value) {
    const entry = await pass.host.files.readEntry(path);
    const config =
      entry.kind === "file" ? readDockerConfig(Buffer.from(entry.bytes).toString("utf8"), path) : undefined;
    if (config?.ok === false) return config;
    const login = config === undefined ? undefined : findPlainLogin(config.value, request.name.aliases);
    if (login === undefined) continue;
    if (request.migrate || (await request.confirmMigration?.(path, login.username)) === true)
      return success({ migrate: true, login });
    pass.watch.note(
      `${path} holds the password of ${login.username} for everybody who can read it; --migrate moves it into the vault`,
    );
  }
  return success({ migrate: false, login: undefined });
}
