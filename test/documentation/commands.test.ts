import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { describeProgram, parseCommandLine } from "../../src/cli/app.ts";
import type { DescribedCommand } from "../../src/cli/command-tree.ts";
import { EXAMPLES, isGuide, listPages, readBlocks, readCommentCommands, readPageCommands } from "./commands.ts";
import { readMarkdown } from "./markdown.ts";
import { fillPlaceholders } from "./placeholders.ts";
import { readWords } from "./shell.ts";

const top = resolve(import.meta.dirname, "../..");
const facts = { fingerprint: `sha256:${"a".repeat(64)}`, version: "1.2.3", newer: "1.2.4" };
const program = describeProgram();

/** A place, what stands there, and whether a sentence only names it: then what has to follow may be missing. */
type Line = readonly [place: string, text: string, isNamed?: boolean];

const pages: readonly Line[] = listPages().flatMap((page) =>
  readPageCommands(page).map(({ file, line, text, from }): Line => [`${file}:${line}`, text, from === "inline"]),
);
const comments: readonly Line[] = EXAMPLES.flatMap((path) =>
  readCommentCommands(path).map(({ file, line, text }): Line => [`${file}:${line}`, text]),
);
const examples: readonly Line[] = allCommands(program).flatMap(({ usage, examples: given }) =>
  given.map(({ line }): Line => [`the example of ${usage}`, line.replaceAll("$0", "regclient")]),
);
const units: readonly Line[] = [
  ...readdirSync(join(top, "systemd")).map((name) => [name, readFileSync(join(top, "systemd", name), "utf8")] as const),
  ...listPages().flatMap((page) =>
    readBlocks(page).map(({ line, lines }) => [`${page}:${line}`, lines.join("\n")] as const),
  ),
].flatMap(([place, text]) =>
  [...text.matchAll(/^ExecStart=\/usr\/bin\/(regclient .*)$/gm)].map((match): Line => [place, match[1] ?? ""]),
);

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly annotations?: Readonly<Record<string, string>> }[];
  }[];
}

const rules = parse(readFileSync(join(top, "monitoring/regclient.rules.yml"), "utf8")) as Rules;
const runbooks: readonly Line[] = rules.groups.flatMap((group) =>
  group.rules.flatMap(({ annotations }): readonly Line[] =>
    (annotations?.["runbook"] ?? "")
      .replaceAll(/\{\{.*?\}\}/g, "NAME")
      .split(/; (?:then )?/)
      .map((text) => ["a runbook", text, true]),
  ),
);

const cloud: readonly Line[] = readFileSync(join(top, "fleet/cloud-init/user-data.yaml"), "utf8")
  .split("\n")
  .flatMap((text): readonly Line[] => (/^\s*regclient /.test(text) ? [["user-data.yaml", text.trim()]] : []));

test.each([
  ["pages", pages, 150],
  ["--help and the manual pages", examples, 12],
  ["units and drop-ins", units, 4],
  ["runbooks of alerts", runbooks, 8],
  ["cloud-init and comments of examples", [...cloud, ...comments], 1],
])("command lines of regclient in %s are such as the program takes", async (_name, lines, least) => {
  const calls = lines.flatMap(([place, text, isNamed]) =>
    callsOf(fillPlaceholders(text, facts)).map((argv) => ({ place, text, isNamed, argv })),
  );
  expect(calls.length).toBeGreaterThanOrEqual(least);
  const wrong = await Promise.all(
    calls.map(async ({ place, text, isNamed, argv }) => {
      const parsed = await parseCommandLine(argv, "1.2.3", 100);
      const said = parsed.kind === "mistake" ? parsed.message : undefined;
      return said === undefined || (isNamed === true && isKnown(argv)) ? [] : [`${place}: ${text}: ${said}`];
    }),
  );
  expect(wrong.flat()).toEqual([]);
});

test("docs/cli.md has every command, option and choice, and no other", () => {
  const synopsis = readBlocks("docs/cli.md").find(({ lines }) => (lines[0] ?? "").startsWith("regclient enroll"));
  const parts = (synopsis?.lines.join("\n") ?? "").split(/^regclient /m).slice(1);
  const told = parts.flatMap((part) => {
    const [, names = ""] = /^((?:[a-z|]+ )*[a-z|]+)/.exec(part) ?? [];
    const options = [...part.matchAll(/--(?:no-)?([a-z-]+)/g)].map(([, option = ""]) => option).sort();
    const choices = [...part.matchAll(/--([a-z-]+) ([a-z0-9-]+(?:\|[a-z0-9-]+)+)(?= |$|\n)/g)].map(
      ([, name, words]) => `${name} ${words}`,
    );
    return expandNames(names).map((name) => [name, options, choices.sort()] as const);
  });
  const there = leaves(program).map(({ path, options }) => [
    path,
    options.map(({ name }) => name).sort(),
    options.flatMap(({ name, choices }) => (choices.length > 0 ? [`${name} ${choices.join("|")}`] : [])).sort(),
  ]);
  const sortKey = ([name]: readonly unknown[]): string => String(name);
  const bySortKey = (one: readonly unknown[], other: readonly unknown[]): number =>
    sortKey(one).localeCompare(sortKey(other));
  expect(told.filter(([name]) => name !== "").toSorted(bySortKey)).toEqual(there.toSorted(bySortKey));
});

test.each(listPages().filter(isGuide))("%s says of every block what it is in", (page) => {
  expect(readBlocks(page).filter(({ language }) => language === "")).toEqual([]);
});

test("every script that a page names is there and can be run", () => {
  const named = listPages().flatMap((page) =>
    readMarkdown(readFileSync(join(top, page), "utf8")).inline.flatMap(({ line, text }) => {
      const path = /^scripts\/[a-z/-]+(?:\.[a-z]+)?(?=\s|$)/.exec(text)?.[0];
      return path === undefined ? [] : [{ place: `${page}:${line}`, path }];
    }),
  );
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter(({ path }) => !isThere(path))).toEqual([]);
});

/** Of a command line the arguments of each regclient that it starts. */
function callsOf(text: string): readonly (readonly string[])[] {
  if (!/(?:^|[\s(])regclient\s/.test(text)) return [];
  const calls = readWords(text).flatMap((words) => {
    const [first, ...rest] = words[0] === "sudo" ? words.slice(1) : words;
    return first === "regclient" ? [rest] : [];
  });
  if (calls.length === 0 && /^(?:sudo )?regclient\s/.test(text))
    throw new Error(`no call of regclient is seen in ${text}`);
  return calls;
}

/** Each word that is named is there; what has to follow may be left out. */
function isKnown(argv: readonly string[]): boolean {
  const [command, rest] = descend(program, argv);
  const options = new Set([...program.options, ...command.options].map(({ name }) => `--${name}`));
  return command !== program && rest.filter((word) => word.startsWith("--")).every((word) => options.has(word));
}

function descend(from: DescribedCommand, argv: readonly string[]): readonly [DescribedCommand, readonly string[]] {
  const next = from.commands.find(({ name }) => name === argv[0]);
  return next === undefined ? [from, argv] : descend(next, argv.slice(1));
}

function allCommands(from: DescribedCommand): readonly DescribedCommand[] {
  return [from, ...from.commands.flatMap(allCommands)];
}

/** The commands that do something, with the names of those they belong to. */
function leaves(from: DescribedCommand, above = ""): readonly (DescribedCommand & { readonly path: string })[] {
  return from.commands.flatMap((each) => {
    const path = `${above}${each.name}`;
    return each.commands.length > 0 ? leaves(each, `${path} `) : [{ ...each, path }];
  });
}

function expandNames(names: string): readonly string[] {
  return names
    .split(" ")
    .reduce<readonly string[]>(
      (heads, word) => heads.flatMap((head) => word.split("|").map((each) => `${head} ${each}`.trim())),
      [""],
    );
}

function isThere(path: string): boolean {
  const whole = join(top, path);
  if (!existsSync(whole)) return false;
  return path.includes(".") || path.endsWith("/") || (statSync(whole).isFile() && (statSync(whole).mode & 0o111) !== 0);
}
