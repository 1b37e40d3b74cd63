import { problem } from "../findings/problem.ts";
import type { Account, Host, ReadFiles } from "../host/ports.ts";
import { failure, success, type Result } from "../result.ts";

/** A Docker config file and who owns it. */
export interface ConfigTarget {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
}

/** The config files that are to find the helper: the caller's own, that of who called sudo, and those of the named users. */
export async function locateDockerConfigs(
  host: Host,
  users: readonly string[],
): Promise<Result<readonly ConfigTarget[]>> {
  const { caller, files } = host;
  const named = caller.environment["DOCKER_CONFIG"] ?? "";
  if (named !== "" && !named.startsWith("/")) {
    const reason = "regclient writes only to a directory that is named in full";
    return failure(problem("RC-CFG-005", { option: `DOCKER_CONFIG=${named}`, reason, command: "enroll" }));
  }
  const directory = named === "" ? `${caller.home}/.docker` : named;
  const targets: ConfigTarget[] = [{ path: `${directory}/config.json`, uid: caller.uid, gid: caller.gid }];
  for (const account of await listSudoCaller(host)) targets.push(configOf(account));
  for (const login of users) {
    const account = await findAccount(files, login);
    const reason = account === undefined ? "there is no such user in /etc/passwd" : await whyNotOwnHome(files, account);
    if (account === undefined || reason !== undefined) {
      return failure(problem("RC-CFG-005", { option: `--user ${login}`, reason: reason ?? "", command: "enroll" }));
    }
    targets.push(configOf(account));
  }
  const unique = new Map<string, ConfigTarget>();
  for (const target of targets) unique.set(await files.resolveLinks(target.path), target);
  return success([...unique].map(([path, target]) => ({ ...target, path })));
}

/**
 * The users whose own configuration counts: the caller, who called sudo, the named ones, and those with one of `written`,
 * what regclient wrote before, in their home. Users that cannot be are left out: `locateDockerConfigs` says why.
 */
export async function listAccounts(
  host: Host,
  users: readonly string[],
  written: readonly string[],
): Promise<readonly Account[]> {
  const { caller, files } = host;
  const found = [{ login: caller.login, uid: caller.uid, gid: caller.gid, home: caller.home }];
  found.push(...(await listSudoCaller(host)));
  const isMeant = ({ login, home }: Account): boolean =>
    users.includes(login) || (home !== "/" && written.some((path) => path.startsWith(`${home}/`)));
  for (const account of (await readAccounts(files)).filter(isMeant)) {
    if ((await whyNotOwnHome(files, account)) === undefined) found.push(account);
  }
  return [...new Map(found.map((account) => [account.home, account])).values()];
}

function configOf({ home, uid, gid }: Account): ConfigTarget {
  return { path: `${home}/.docker/config.json`, uid, gid };
}

/** Who typed sudo is who will type docker. */
async function listSudoCaller({ caller, files }: Host): Promise<readonly Account[]> {
  const login = caller.environment["SUDO_USER"];
  if (caller.uid !== 0 || login === undefined || login === "root") return [];
  const account = await findAccount(files, login);
  return account === undefined || (await whyNotOwnHome(files, account)) !== undefined ? [] : [account];
}

/** Root writes there and gives the files to the user: so the place must be the user's already. */
async function whyNotOwnHome(files: ReadFiles, { home, uid }: Account): Promise<string | undefined> {
  // below another root, whoever owns the tree owns every home in it
  if (files.root !== "/") return undefined;
  const entry = await files.readEntry(await files.resolveLinks(home));
  if (entry.kind !== "directory") return `the home directory ${home} is not there`;
  return entry.uid === uid ? undefined : `the home directory ${home} belongs to user ${entry.uid}`;
}

/** What Docker would take as default store if config.json says nothing (docker/cli cli/config/credentials/default_store_linux.go). */
export async function detectDefaultStore(host: Host): Promise<string | undefined> {
  const store = (await isOnPath(host, "pass")) ? "pass" : "secretservice";
  return (await isOnPath(host, `docker-credential-${store}`)) ? store : undefined;
}

/** Whether the caller's PATH has the program. */
export async function isOnPath(host: Pick<Host, "caller" | "files">, program: string): Promise<boolean> {
  const directories = (host.caller.environment["PATH"] ?? "").split(":").filter((each) => each.startsWith("/"));
  // on most hosts some of them lead to others
  const real = new Set(await Promise.all(directories.map(async (each) => host.files.resolveLinks(each))));
  for (const directory of real) {
    const entry = await host.files.readEntry(await host.files.resolveLinks(`${directory}/${program}`), 0);
    if (entry.kind === "file" || entry.kind === "unreadable") return true;
  }
  return false;
}

async function findAccount(files: ReadFiles, login: string): Promise<Account | undefined> {
  return (await readAccounts(files)).find((account) => account.login === login);
}

async function readAccounts(files: ReadFiles): Promise<readonly Account[]> {
  const passwd = await files.readEntry("/etc/passwd");
  const lines = passwd.kind === "file" ? Buffer.from(passwd.bytes).toString("utf8").split("\n") : [];
  return lines.flatMap((line) => {
    const [login = "", , uid, gid, , home] = line.split(":");
    return home?.startsWith("/") === true ? [{ login, uid: Number(uid), gid: Number(gid), home }] : [];
  });
}
