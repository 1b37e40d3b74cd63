// Keeps what V8 makes of each file of the bundle: of the functions, those that a first enrollment needs as far as it goes
// without a network. It is run with options that make two builds give the same bytes: executable.ts.
//   node code-cache.ts FOLDER
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Script } from "node:vm";
import { compilePart, createPartLoader } from "./parts.ts";

const folder = process.argv[2] ?? ".";
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
// before anything is run, so that what V8 draws for them at random comes in the same order
const names = readdirSync(folder).filter((each) => each.endsWith(".cjs"));
const unused = new Map<string, Buffer>();
for (const name of names.toSorted()) unused.set(name, compilePart(name, read(name)).createCachedData());
const scripts = new Map<string, Script>();
const root = mkdtempSync(join(tmpdir(), "regclient-"));

process.argv.splice(2, Infinity, "enroll", "127.0.0.1:9", "--root", root, "--quiet");
process.stderr.write = () => true;
process.on("exit", () => {
  process.exitCode = 0;
  rmSync(root, { recursive: true, force: true });
  for (const [name, cache] of unused)
    writeFileSync(join(folder, `${name}.cache`), scripts.get(name)?.createCachedData() ?? cache);
});
const load = createPartLoader({
  text: read,
  cache: () => undefined,
  addon: () => undefined,
  compiled: (name, script) => scripts.set(name, script),
});
await (load("./regclient.cjs") as { readonly main: () => Promise<void> }).main();
