import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bundlePrograms } from "./bundle.ts";
import { compilePart } from "./parts.ts";

/** Architectures as Node names them. */
export type Architecture = "x64" | "arm64";

// a command ends before it has to collect what it threw away
const OPTIONS = ["--disable-warning=ExperimentalWarning", "--min-semi-space-size=16"];

/**
 * Makes the executable at `output`: `node` with both programs inside. `node` is a Node binary for `architecture`; the
 * files in between go to `folder`, which exists and is empty. Gives the source files that are in it.
 */
export async function buildExecutable(
  folder: string,
  output: string,
  { node, architecture }: { readonly node: string; readonly architecture: Architecture },
): Promise<readonly string[]> {
  const sources = await bundlePrograms(folder);
  if (architecture === process.arch) makeCodeCache(folder);
  const prebuilds = join(dirname(createRequire(import.meta.url).resolve("keytar/package.json")), "prebuilds");
  copyFileSync(join(prebuilds, `linux-${architecture}`, "keytar.node"), join(folder, "keytar.node"));
  const parts = readdirSync(folder).filter((name) => !name.startsWith("start."));
  const config = join(folder, "sea-config.json");
  const settings = {
    // relative: the path is kept in the executable
    main: "start.cjs",
    output,
    executable: node,
    disableExperimentalSEAWarning: true,
    // of the start alone: each part has its own
    useCodeCache: false,
    execArgv: OPTIONS,
    // NODE_OPTIONS of whoever calls it is for other programs
    execArgvExtension: "none",
    assets: Object.fromEntries(parts.toSorted().map((name) => [name, name])),
  };
  writeFileSync(config, JSON.stringify(settings, undefined, 2));
  execFileSync(process.execPath, ["--build-sea", config], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  return sources;
}

// what V8 notes in compiled code otherwise: random seeds, how many collections it has outlived, what was optimised when
const STEADY = ["--hash-seed=1", "--no-flush-bytecode", "--single-threaded", "--no-opt", "--no-sparkplug"];

/** One per file of the bundle, the same at every build. */
function makeCodeCache(folder: string): void {
  const program = join(import.meta.dirname, "code-cache.ts");
  execFileSync(process.execPath, [...STEADY, program, folder], { stdio: "inherit" });
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".cjs"))) {
    const path = join(folder, `${name}.cache`);
    const cache = markAsOurs(readFileSync(path));
    const script = compilePart(name, readFileSync(join(folder, name), "utf8"), cache);
    if (script.cachedDataRejected !== false) throw new Error(`V8 does not take its own cache of ${name}`);
    writeFileSync(path, cache);
  }
}

// magic number, version and source come before it (V8, code-serializer.h)
const FLAGS_OFFSET = 12;

/** V8 takes a cache only if it was made with its own options, of which the hash seed is one that does not matter here. */
function markAsOurs(cache: Buffer): Buffer {
  const ours = compilePart("", "").createCachedData().readUInt32LE(FLAGS_OFFSET);
  cache.writeUInt32LE(ours, FLAGS_OFFSET);
  return cache;
}
