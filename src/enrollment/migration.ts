import { findPlainLogin, readDockerConfig, type PlainLogin } from "../credentials/docker-config.ts";
import type { ConfigTarget } from "../credentials/docker-config-files.ts";
import { reveal } from "../credentials/secret.ts";
import { success, type Result } from "../result.ts";
import type { EnrollRequest, Pass } from "./pass.ts";

/** A login that `docker login` left readable in a config file, which may go into the vault. */
export interface OpenLogin {
  readonly path: string;
  readonly login: PlainLogin;
}

/** Looks for such logins in the config files, and takes the command line's or a person's word for each. */
export async function findOpenLogins(
  pass: Pass,
  request: EnrollRequest,
  configs: readonly ConfigTarget[],
): Promise<Result<readonly OpenLogin[]>> {
  const found: OpenLogin[] = [];
  for (const { path } of configs) {
    const read = await readOpenLogin(pass, request.name.aliases, path);
    if (!read.ok) return read;
    const login = read.value;
    if (login === undefined) continue;
    const isToMove = request.migrate || (await request.confirmMigration?.(path, login.username)) === true;
    if (isToMove) found.push({ path, login });
    else
      pass.watch.note(
        `${path} holds the password of ${login.username} for everybody who can read it; --migrate moves it into the vault`,
      );
  }
  return success(found);
}

/**
 * The files whose open login is, now, the one in the vault: only there may it be taken out. Another login is somebody's
 * only copy, and stays, with a note.
 */
export async function listMovable(
  pass: Pass,
  aliases: readonly string[],
  open: readonly OpenLogin[],
  kept: PlainLogin | undefined,
): Promise<readonly string[]> {
  const movable: string[] = [];
  for (const { path } of open) {
    const found = await readOpenLogin(pass, aliases, path);
    const login = found.ok ? found.value : undefined;
    if (login === undefined) continue;
    if (kept !== undefined && sameLogin(login, kept)) movable.push(path);
    else
      pass.watch.note(`${path} holds another login, of ${login.username}, than the one that is kept; it stays there`);
  }
  return movable;
}

async function readOpenLogin(
  { host }: Pass,
  aliases: readonly string[],
  path: string,
): Promise<Result<PlainLogin | undefined>> {
  const entry = await host.files.readEntry(path);
  if (entry.kind !== "file") return success(undefined);
  const config = readDockerConfig(Buffer.from(entry.bytes).toString("utf8"), path);
  return config.ok ? success(findPlainLogin(config.value, aliases)) : config;
}

function sameLogin(one: PlainLogin, other: PlainLogin): boolean {
  return one.username === other.username && reveal(one.password) === reveal(other.password);
}
