import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { checkout } from "./holder.ts";
import { labPath } from "./requirements.ts";

/** Whom Ansible knows: a name, and the first process behind it as seen from outside. */
export interface ManagedHost {
  readonly name: string;
  readonly pid: number;
}

/** How a playbook ended. */
export interface PlaybookRun {
  readonly code: number;
  /** Everything it said, on both streams. */
  readonly output: string;
  /** By host, as in the recap. */
  readonly changed: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
}

/** Ansible on this machine, with files of its own in the temporary directory, and without sshd. */
export interface Controller extends Disposable {
  /** Runs a playbook of fleet/ansible, or one given as data, with `options`. */
  play(playbook: string | readonly object[], options?: readonly string[]): Promise<PlaybookRun>;
  /** Gives every host these variables from now on. */
  setVariables(variables: Readonly<Record<string, unknown>>): void;
}

const ANSIBLE = join(checkout, "fleet", "ansible");
const LONGEST_MS = 120_000;

/** A controller for these hosts, which are in the group docker_hosts. */
export function makeController(hosts: readonly ManagedHost[]): Controller {
  const folder = mkdtempSync(join(tmpdir(), "regclient-ansible-"));
  mkdirSync(join(folder, "group_vars"));
  writeFileSync(join(folder, "hosts.json"), JSON.stringify(inventoryOf(hosts)));
  return {
    play: async (playbook, options = []) => {
      const path = typeof playbook === "string" ? join(ANSIBLE, playbook) : join(folder, "playbook.json");
      if (typeof playbook !== "string") writeFileSync(path, JSON.stringify(playbook));
      return runPlaybook(folder, ["-i", join(folder, "hosts.json"), path, ...options]);
    },
    setVariables: (variables) =>
      writeFileSync(join(folder, "group_vars", "docker_hosts.json"), JSON.stringify(variables)),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** YAML is a superset of JSON, so Ansible reads it. */
function inventoryOf(hosts: readonly ManagedHost[]): object {
  const connection = {
    ansible_ssh_executable: resolve(import.meta.dirname, "ansible-ssh.sh"),
    ansible_ssh_transfer_method: "piped",
    ansible_ssh_args: "",
    ansible_pipelining: true,
    ansible_python_interpreter: "/usr/bin/python3",
  };
  const named = Object.fromEntries(hosts.map(({ name, pid }) => [name, { ansible_host: String(pid) }]));
  return { all: { vars: connection, children: { docker_hosts: { hosts: named } } } };
}

async function runPlaybook(folder: string, args: readonly string[]): Promise<PlaybookRun> {
  const env = {
    PATH: labPath,
    LANG: "C.UTF-8",
    HOME: folder,
    ANSIBLE_ROLES_PATH: join(ANSIBLE, "roles"),
    ANSIBLE_LOCAL_TEMP: folder,
    ANSIBLE_NOCOLOR: "1",
  };
  const bounds = { env, cwd: folder, timeout: LONGEST_MS, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((done) => {
    execFile("ansible-playbook", args, bounds, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      const output = stdout + stderr;
      done({ code, output, changed: recapOf(output, "changed"), failed: recapOf(output, "failed") });
    });
  });
}

function recapOf(output: string, what: string): Readonly<Record<string, number>> {
  const lines = output.slice(output.indexOf("PLAY RECAP")).matchAll(/^(\S+) +: ok=.*$/gm);
  return Object.fromEntries(
    [...lines].map(([line, name = ""]) => [name, Number(new RegExp(` ${what}=(\\d+)`).exec(line)?.[1])]),
  );
}
