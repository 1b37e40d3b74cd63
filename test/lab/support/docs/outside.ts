import { execFile } from "node:child_process";
import { join } from "node:path";
import type { CommandResult } from "../command.ts";
import { checkout } from "../holder.ts";
import type { Stage } from "./stage.ts";

// The checkout can be written to, and stays as it is: what is written lands on a tmpfs of this mount namespace alone. The npm
// packages are those that scripts/setup has installed.
const IN_A_CHECKOUT = `
  mount -t tmpfs tmpfs /mnt
  mkdir /mnt/upper /mnt/work
  mount -t overlay -o "lowerdir=$PWD,upperdir=/mnt/upper,workdir=/mnt/work" overlay "$PWD"
  cd "$PWD"
  touch node_modules/.package-lock.json
  exec bash -c "$0"`;

/** Types a line on this machine, in a checkout of its own: with a way out of the lab, and a view into its hosts. */
export async function typeOutside(stage: Stage, line: string, stdin: string): Promise<CommandResult> {
  const argv = ["--mount", "--propagation", "private", "bash", "-ec", IN_A_CHECKOUT, line];
  const env = { ...process.env, PACKAGES: join(stage.folder, "packages") };
  return new Promise((done) => {
    const child = execFile("unshare", argv, { cwd: checkout, env, timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      done({ code, signal: error?.signal ?? null, stdout, stderr });
    });
    child.stdin?.end(stdin);
  });
}
