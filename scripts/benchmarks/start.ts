import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interleave, type Comparison, type Contender } from "./interleave.ts";

const TOP = join(import.meta.dirname, "../..");
const NODE = join(TOP, "node_modules/.bin/node");
const PER_TIMING = 5;

/** How long commands take that ask no network, against a Node that does nothing. */
export async function benchStart(runs: number): Promise<readonly Comparison[]> {
  const root = mkdtempSync(join(tmpdir(), "regclient-bench-"));
  const bare = command("bare Node", [NODE, "-e", ""]);
  const program = join(TOP, "bin/regclient");
  const helper = join(TOP, "bin/docker-credential-regclient");
  try {
    return [
      await interleave("start: --help", command("regclient --help", [program, "--help"]), bare, runs),
      await interleave("start: status", command("regclient status", [program, "--root", root, "status"]), bare, runs),
      await interleave("start: credential helper", command("helper version", [helper, "version"]), bare, runs),
    ];
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Runs `argv` to its end, several times a timing; another exit code than `code` throws. */
export function command(name: string, argv: readonly string[], { code = 0, stdin = "" } = {}): Contender {
  const [file = "", ...args] = argv;
  return {
    name,
    prepare: async () => undefined,
    run: async () => {
      for (let count = 0; count < PER_TIMING; count++) {
        const { status, stderr } = spawnSync(file, args, { encoding: "utf8", input: stdin });
        if (status !== code) throw new Error(`${argv.join(" ")}: ${stderr}`);
      }
    },
  };
}
