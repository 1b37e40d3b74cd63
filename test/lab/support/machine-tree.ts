import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnHeld } from "./holder.ts";

/** A small Debian; it is only read. */
export interface MachineTree {
  readonly path: string;
  remove(): void;
}

// the oldest systemd that the units are for: 252
const SUITE = "bookworm";
const MIRROR = "http://deb.debian.org/debian";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
// procps has kill; libatomic1 is what Node is linked with
const PACKAGES = ["systemd", "systemd-sysv", "dbus", "procps", "libatomic1", "ca-certificates"];
const LONGEST_MS = 420_000;

/** Makes a tree with systemd, to boot machines from; `more` are Debian packages to add. See makeDebianTree. */
export async function makeMachineTree(more: readonly string[] = []): Promise<MachineTree> {
  return makeDebianTree([...PACKAGES, ...more]);
}

/**
 * Makes a tree with these packages in the temporary directory with debootstrap, which takes half a minute and a mirror. What
 * a killed test has left of one is removed first. Throws with debootstrap's own words when it cannot be made.
 */
export async function makeDebianTree(packages: readonly string[]): Promise<MachineTree> {
  sweepTrees();
  const path = nameTree(process.pid);
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { mode: 0o700 });
  try {
    await debootstrap(path, packages);
    return { path, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function nameTree(pid: number): string {
  return join(tmpdir(), `regclient-lab-${pid}-tree`);
}

/** Nothing is mounted in a tree: debootstrap's mounts are in a namespace that ended with it. */
function sweepTrees(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^regclient-lab-(\d+)-tree$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true });
  }
}

async function debootstrap(path: string, packages: readonly string[]): Promise<void> {
  const mirror = process.env["REGCLIENT_LAB_MIRROR"] ?? MIRROR;
  const options = ["--variant=minbase", `--include=${packages.join(",")}`, `--keyring=${KEYRING}`];
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const argv = ["unshare", ...namespaces, "debootstrap", ...options, SUITE, path, mirror];
  const child = spawnHeld(argv, proxyEnvironment());
  let said = "";
  const keep = (chunk: Buffer): void => void (said = (said + chunk.toString("utf8")).slice(-4000));
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
  const code = await new Promise((done) => child.once("close", done));
  clearTimeout(timer);
  if (code === 0) return;
  const last = said.trim().split("\n").slice(-5).join("\n  ");
  throw new Error(
    `no machine can be booted: debootstrap could not make its tree from ${mirror} (REGCLIENT_LAB_MIRROR names another):\n  ${last}`,
  );
}

/** What apt and wget need to get out, where they need it. */
function proxyEnvironment(): Readonly<Record<string, string>> {
  const names = ["http_proxy", "https_proxy", "no_proxy"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
