import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { catalogue } from "../src/findings/catalogue.ts";
import { parseCommandLine } from "../src/cli/app.ts";

const top = join(import.meta.dirname, "..");
const sources = readdirSync(join(top, "src"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
  .map((entry) => relative(top, join(entry.parentPath, entry.name)));

function read(path: string): string {
  return readFileSync(join(top, path), "utf8");
}

/** Which files import which package; `zod` is a language for data shapes rather than a door to the world. */
function importersOf(name: string): readonly string[] {
  const imported = new RegExp(`(?:from|import\\(|\\)\\()\\s*"${name}(?:/[^"]*)?"`);
  return sources.filter((path) => imported.test(read(path).replaceAll(/^import type .*$/gm, "")));
}

describe("the architecture", () => {
  const dependencies = Object.keys(
    (JSON.parse(read("package.json")) as { dependencies: Record<string, string> }).dependencies,
  );

  test.each(dependencies.filter((name) => name !== "zod"))("%s is imported by exactly one file", (name) => {
    expect(importersOf(name)).toHaveLength(1);
  });

  test("every package is explained in docs/dependencies.md", () => {
    const page = read("docs/dependencies.md");
    expect(dependencies.filter((name) => !page.includes(`| ${name}`))).toEqual([]);
  });

  test("only src/apply changes the host's files", () => {
    const writing = sources.filter((path) => /\bwriter\b/.test(read(path)));
    const elsewhere = writing.filter((path) => !path.startsWith("src/apply/") && !path.startsWith("src/host/"));
    expect(elsewhere).toEqual([]);
  });

  test("only the terminal adapter and the entry points write to stdout and stderr", () => {
    const writing = sources.filter((path) => /\bstd(?:out|err)\.write\b/.test(read(path)));
    expect(writing.sort()).toEqual(["src/host/node-terminal.ts", "src/main.ts", "src/program.ts"]);
  });

  test("folders lean on each other in one direction", () => {
    const arrows = foldersImported();
    const reach = (from: string, seen: ReadonlySet<string>): ReadonlySet<string> =>
      [...(arrows.get(from) ?? [])].reduce<ReadonlySet<string>>(
        (all, next) => (all.has(next) ? all : reach(next, new Set([...all, next]))),
        seen,
      );
    expect([...arrows.keys()].length).toBeGreaterThan(10);
    expect([...arrows.keys()].filter((folder) => reach(folder, new Set()).has(folder))).toEqual([]);
  });
});

/** Folder of src -> the others that its files import from, types too. */
function foldersImported(): ReadonlyMap<string, ReadonlySet<string>> {
  const folderOf = (path: string): string => path.split("/").slice(1, -1)[0] ?? "";
  const arrows = new Map<string, Set<string>>();
  for (const path of sources) {
    const from = folderOf(path);
    for (const [, name = ""] of read(path).matchAll(/(?:from|import\()\s*"(\.[^"]*\.ts)"/g)) {
      const to = folderOf(relative(top, join(top, path, "..", name)));
      if (from !== "" && to !== "" && to !== from) arrows.set(from, (arrows.get(from) ?? new Set()).add(to));
    }
  }
  return arrows;
}

describe("the fixes in the catalogue", () => {
  const commands = Object.entries(catalogue).flatMap(([code, entry]) =>
    entry.fix.flatMap((line) =>
      [...line.matchAll(/regclient ([a-z]+)((?:(?!regclient).)*)/g)].map(
        (match) => [code, match[1] ?? "", match[2] ?? ""] as const,
      ),
    ),
  );

  test.each(commands)("%s names a command that there is, with options that it has: %s%s", async (_, command, rest) => {
    const inner = /^ (create|show|accept|reject)\b/.exec(rest)?.[1];
    const parsed = await parseCommandLine([command, ...(inner === undefined ? [] : [inner]), "--help"], "0", 100);
    const help = parsed.kind === "print" ? parsed.text : "";
    expect(help).toContain(`regclient ${command}`);
    const known = new Set([...help.matchAll(/--([a-z][a-z-]*)/g)].map((match) => match[1]));
    const named = [...rest.matchAll(/--(?:no-)?([a-z][a-z-]*)/g)].map((match) => match[1]);
    expect(named.filter((option) => !known.has(option))).toEqual([]);
  });
});
