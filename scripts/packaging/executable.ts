import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
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

// what V8 notes in compiled code otherwise: random numbers, what was optimised, how many collections it has outlived
const STEADY = [
  "--hash-seed=1",
  "--random-seed=1",
  "--single-threaded",
  "--no-opt",
  "--no-maglev",
  "--no-sparkplug",
  "--no-profile-guided-optimization",
  "--min-semi-space-size=128",
  "--max-semi-space-size=128",
  "--initial-heap-size=1024",
];
// V8 also counts things through, and on a busy machine one run in a hundred counts one more
const EQUAL_RUNS = 3;
const MOST_RUNS = 12;

/** One per file of the bundle, the same at every build: the first that comes several times. */
function makeCodeCache(folder: string): void {
  const program = join(import.meta.dirname, "code-cache.ts");
  const times = new Map<string, number>();
  for (let run = 0; run < MOST_RUNS; run++) {
    execFileSync(process.execPath, [...STEADY, program, folder], { stdio: "inherit" });
    const digest = digestCaches(folder);
    const count = (times.get(digest) ?? 0) + 1;
    times.set(digest, count);
    if (count === EQUAL_RUNS) return checkCaches(folder);
  }
  throw new Error(`V8 made ${times.size} different caches of the same code in ${MOST_RUNS} runs`);
}

function digestCaches(folder: string): string {
  const digest = createHash("sha256");
  for (const name of readdirSync(folder).toSorted()) {
    if (name.endsWith(".cache")) digest.update(name).update(readFileSync(join(folder, name)));
  }
  return digest.digest("hex");
}

function checkCaches(folder: string): void {
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
