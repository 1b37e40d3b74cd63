import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { interleave, type Comparison } from "./interleave.ts";
import { command } from "./start.ts";

const TOP = join(import.meta.dirname, "../..");

/** How long the packaged program takes for what asks no network, against a Node that does nothing. */
export async function benchPackage(runs: number): Promise<readonly Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), "regclient-bench-"));
  try {
    execFileSync(process.execPath, [join(TOP, "scripts/packaging/main.ts"), "--fast", "--out", folder]);
    const program = join(folder, `regclient-${manifest.version}-linux-${process.arch}`);
    const helper = join(folder, "docker-credential-regclient");
    symlinkSync(program, helper);
    const root = join(folder, "root");
    mkdirSync(root);
    const bare = command("node -e 0", [join(TOP, "node_modules/.bin/node"), "-e", "0"]);
    const unknown = { code: 1, stdin: "unknown.test" };
    const contenders = [
      command("--version", [program, "--version"]),
      command("--help", [program, "--help"]),
      command("status", [program, "status", "--root", root]),
      command("credential helper, version", [helper, "version"]),
      command("credential helper, get of an unknown server", [helper, "get"], unknown),
    ];
    const comparisons: Comparison[] = [];
    for (const each of contenders) comparisons.push(await interleave(`package: ${each.name}`, each, bare, runs));
    return comparisons;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
