import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { readMarkdown, type CodeBlock } from "./markdown.ts";
import { splitCommands } from "./shell.ts";

/** A command line that a reader of the documentation may type. */
export interface DocumentedCommand {
  /** From the top of the checkout. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly from: "block" | "inline" | "comment";
  /** What the page shows that it prints, where it does. */
  readonly output: readonly string[];
}

const TOP = resolve(import.meta.dirname, "../..");
const SHELL = new Set(["sh", "bash", "console"]);
/** What a command begins with where nothing else says that it is one. */
const COMMAND =
  /^(?:sudo |regclient |docker-credential-regclient|scripts\/[a-z-]+(?=[\s`]|$)|npm run |kubectl |systemctl .*regclient)/;

/** All pages in Markdown, from the top of the checkout. */
export function listPages(): readonly string[] {
  return readdirSync(TOP, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !/(?:^|\/)(?:node_modules|build|dist)\//.test(path))
    .sort();
}

/** The pages that people work by; the others tell what was changed or decided, or are made from the program. */
export function isGuide(page: string): boolean {
  return page !== "CHANGELOG.md" && !/^docs\/(?:decisions|findings|schemas)\//.test(page);
}

/** The commands of a page in the order of their lines: of blocks in a shell's language, and in sentences. */
export function readPageCommands(file: string): readonly DocumentedCommand[] {
  const { blocks, inline } = readMarkdown(readFileSync(join(TOP, file), "utf8"));
  const typed = blocks.flatMap((block) => readBlock(file, block));
  const named = inline
    .flatMap(({ line, text }) => expandAlternatives(text).map((each) => ({ line, text: each })))
    .filter(({ text }) => COMMAND.test(text))
    .map(({ line, text }) => ({ file, line, text, from: "inline" as const, output: [] }));
  return [...typed, ...named].sort((one, other) => one.line - other.line);
}

/** The blocks of a page. */
export function readBlocks(file: string): readonly CodeBlock[] {
  return readMarkdown(readFileSync(join(TOP, file), "utf8")).blocks;
}

/** The files beside the pages whose comments say what to type. */
export const EXAMPLES = [
  "packaging/Containerfile",
  "fleet/ansible/playbook.yml",
  "fleet/cloud-init/user-data.yaml",
  "fleet/kubernetes/daemonset.yaml",
];

/** The commands in the comments of a file, each on a line of its own, indented by two or more. */
export function readCommentCommands(file: string): readonly DocumentedCommand[] {
  return readFileSync(join(TOP, file), "utf8")
    .split("\n")
    .flatMap((line, index) => {
      const text = /^\s*# {2,}(\S.*)$/.exec(line)?.[1] ?? "";
      const isOne = COMMAND.test(text) || /^(?:podman|ansible-playbook) /.test(text);
      return isOne ? [{ file, line: index + 1, text, from: "comment" as const, output: [] }] : [];
    });
}

/** `get|list` is two commands. */
function expandAlternatives(text: string): readonly string[] {
  const [, before = "", words, after = ""] = /^(.* )([a-z]+(?:\|[a-z]+)+)(.*)$/.exec(text) ?? [];
  return words === undefined ? [text] : words.split("|").map((word) => `${before}${word}${after}`);
}

function readBlock(file: string, block: CodeBlock): readonly DocumentedCommand[] {
  const from = "block" as const;
  if (block.language === "console") return readTranscript(file, block);
  if (SHELL.has(block.language))
    return splitCommands(block.lines).map(({ text, index }) => ({
      file,
      line: block.line + index,
      text,
      from,
      output: [],
    }));
  if (block.language !== "") return [];
  return block.lines.flatMap((text, index) =>
    COMMAND.test(text) ? [{ file, line: block.line + index, text, from, output: [] }] : [],
  );
}

/** A prompt, a command, and what it prints until the next prompt. */
function readTranscript(file: string, { line, lines }: CodeBlock): readonly DocumentedCommand[] {
  const starts = lines.flatMap((text, index) => (/^[#$] /.test(text) ? [index] : []));
  return starts.map((start, number) => ({
    file,
    line: line + start,
    text: (lines[start] ?? "").slice(2),
    from: "block",
    output: lines.slice(start + 1, starts[number + 1] ?? lines.length),
  }));
}
