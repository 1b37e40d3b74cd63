/** A block of code on a page. */
export interface CodeBlock {
  /** Of the first line of its text, from 1. */
  readonly line: number;
  /** What the fence says; empty where it says nothing, or there is none. */
  readonly language: string;
  readonly lines: readonly string[];
}

/** Code within a sentence, without its line breaks. */
export interface InlineCode {
  readonly line: number;
  readonly text: string;
}

/** All code of a page. */
export interface PageCode {
  readonly blocks: readonly CodeBlock[];
  readonly inline: readonly InlineCode[];
}

/** Reads the code of a page in Markdown: fenced and indented blocks, and code spans (CommonMark 0.31, 4.4, 4.5 and 6.1). */
export function readMarkdown(text: string): PageCode {
  const lines = text.split("\n");
  const blocks: CodeBlock[] = [];
  const prose = [...lines];
  for (let at = 0; at < lines.length;) {
    const block = readFenced(lines, at) ?? readIndented(lines, at);
    if (block === undefined) {
      at += 1;
      continue;
    }
    blocks.push(block.code);
    prose.fill("", at, block.end);
    at = block.end;
  }
  return { blocks, inline: readInline(prose.join("\n")) };
}

interface Found {
  readonly code: CodeBlock;
  /** The index of the line behind it. */
  readonly end: number;
}

function readFenced(lines: readonly string[], at: number): Found | undefined {
  const [, indent = "", fence, language = ""] = /^( *)(```+)([a-z]*)/.exec(lines[at] ?? "") ?? [];
  if (fence === undefined) return undefined;
  const close = lines.findIndex((line, index) => index > at && line.trim() === fence);
  if (close < 0) throw new Error(`a block begins on line ${at + 1} and does not end`);
  const body = lines.slice(at + 1, close).map((line) => line.slice(indent.length));
  return { code: { line: at + 2, language, lines: body }, end: close + 1 };
}

/** What is indented below an item of a list is its text. */
function readIndented(lines: readonly string[], at: number): Found | undefined {
  const before = lines.slice(0, at);
  const above = before.findLast((line) => line.trim() !== "") ?? "";
  if (!isIndented(lines[at]) || (before.at(-1) ?? "").trim() !== "" || /^\s*(?:[-*]|\d+\.) |^ {2}/.test(above))
    return undefined;
  const rest = lines.slice(at).findIndex((line) => !isIndented(line));
  const end = rest < 0 ? lines.length : at + rest;
  return { code: { line: at + 1, language: "", lines: lines.slice(at, end).map((line) => line.slice(4)) }, end };
}

function isIndented(line: string | undefined): boolean {
  return /^ {4}\S/.test(line ?? "");
}

function readInline(prose: string): readonly InlineCode[] {
  return [...prose.matchAll(/(?<!`)(`+)(?!`)((?:[^\n]|\n(?!\s*\n))+?)(?<!`)\1(?!`)/g)].map((match) => ({
    line: prose.slice(0, match.index).split("\n").length,
    text: (match[2] ?? "").replaceAll(/\s*\n\s*/g, " ").trim(),
  }));
}
