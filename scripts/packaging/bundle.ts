import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { rolldown, type Plugin } from "rolldown";
import programs from "../../rolldown.config.ts";

/** keytar, without its search for a native part on the disk: that lies in the executable. */
const keytarInside: Plugin = {
  name: "keytar-inside",
  resolveId: (id) => {
    if (id === "keytar") return "\0keytar";
    return id === "./keytar.node" ? { id, external: true } : null;
  },
  load: (id) => {
    if (id !== "\0keytar") return null;
    const source = readFileSync(createRequire(import.meta.url).resolve("keytar"), "utf8");
    const start = source.indexOf("function checkRequired");
    if (start === -1) throw new Error("keytar.js is not as it was: look where it loads its native part");
    return `var keytar = require("./keytar.node");\n${source.slice(start)}`;
  },
};

/** Bundles both programs and the loader into `folder`, as they go into the executable. Gives the files that went in. */
export async function bundlePrograms(folder: string): Promise<readonly string[]> {
  const [program, helper] = programs;
  const cwd = join(import.meta.dirname, "../..");
  if (program === undefined || helper === undefined) throw new Error("rolldown.config.ts has no two programs");
  const entries = [
    [program, { regclient: "src/program.ts" }],
    [helper, { helper: "src/helper/main.ts" }],
    [program, { start: "scripts/packaging/start.ts" }],
  ] as const;
  const sources: string[] = [createRequire(import.meta.url).resolve("keytar")];
  for (const [{ output, plugins, external: _keytar, ...options }, input] of entries) {
    const bundle = await rolldown({ ...options, cwd, input, plugins: [keytarInside, plugins], logLevel: "warn" });
    if (Array.isArray(output)) throw new Error("rolldown.config.ts has several outputs a program");
    const written = await bundle.write({ ...output, dir: folder, cleanDir: false });
    await bundle.close();
    sources.push(...written.output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : [])));
  }
  return sources.filter((id) => !id.startsWith("\0"));
}
