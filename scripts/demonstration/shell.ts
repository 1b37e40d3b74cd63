import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "../../bin/regclient");

/** Runs the real command line on the scratch host, showing what a person would type and see. */
export interface Shell {
  say(text: string): void;
  /** Throws unless the exit code is the expected one, 0 unless said. */
  regclient(args: readonly string[], options?: { readonly input?: string; readonly expect?: number }): Promise<void>;
  /** Deletes a file of the scratch host. */
  remove(path: string): void;
}

/** A shell for the host whose root directory is `root`. */
export function createShell(root: string): Shell {
  const show = (text: string): void => void process.stdout.write(text);
  return {
    say: (text) => show(`\n# ${text}\n`),
    remove: (path) => {
      show(`$ rm ${path}\n`);
      rmSync(join(root, path));
    },
    regclient: async (args, { input = "", expect = 0 } = {}) => {
      show(`$ regclient ${args.join(" ")}\n`);
      const child = spawn(PROGRAM, ["--root", root, ...args], { stdio: ["pipe", "inherit", "inherit"] });
      child.stdin.end(input);
      const [code] = (await once(child, "exit")) as [number | null];
      if (code !== expect) throw new Error(`regclient ${args[0]} ended with ${code}, not ${expect}`);
    },
  };
}
