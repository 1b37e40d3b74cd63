import { isIP } from "../registry/address.ts";

/** One line of a hosts file that gives names to an address (hosts(5)). */
export interface HostsLine {
  /** From 1. */
  readonly line: number;
  readonly address: string;
  readonly names: readonly string[];
  /** The registry key, for a line inside regclient's block. */
  readonly owner: string | undefined;
}

/** An alias that a registry wants. */
export interface Alias {
  readonly owner: string;
  readonly host: string;
  readonly address: string;
}

const BEGIN = "# BEGIN regclient: aliases of enrolled registries, kept by regclient";
const NEWLINE_ADDED = " (this block began with a new line)";
const END = "# END regclient";
const OWNER = /\s# registry (\S+)\s*$/;

/** Every line that names something, in file order. */
export function readHostsLines(text: string): readonly HostsLine[] {
  let inBlock = false;
  const found: HostsLine[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const content = raw.replace(/\r$/, "");
    if (content.startsWith(BEGIN)) inBlock = true;
    else if (content === END) inBlock = false;
    const [address, ...names] = content.replace(/#.*/, "").trim().split(/\s+/);
    if (address === undefined || isIP(address) === 0 || names.length === 0) continue;
    found.push({ line: index + 1, address, names, owner: inBlock ? OWNER.exec(content)?.[1] : undefined });
  }
  return found;
}

/** The addresses a hosts file gives to `host`, in file order, as glibc and Go both read it: without regard to case. */
export function lookUpHost(text: string, host: string): readonly string[] {
  const wanted = host.toLowerCase();
  return readHostsLines(text)
    .filter((line) => line.names.some((name) => name.toLowerCase() === wanted))
    .map((line) => line.address);
}

/** Lines outside regclient's block that name the same host. */
export function foreignLines(text: string, host: string): readonly HostsLine[] {
  const wanted = host.toLowerCase();
  return readHostsLines(text).filter(
    (line) => line.owner === undefined && line.names.some((name) => name.toLowerCase() === wanted),
  );
}

/** The text with the alias in regclient's block, replacing an older one of the same registry. Nothing else changes. */
export function withAlias(text: string, alias: Alias): string {
  const eol = lineEnding(text);
  const line = `${alias.address}\t${alias.host}\t# registry ${alias.owner}`;
  const block = findBlock(text);
  if (block === undefined) {
    const joint = text === "" || text.endsWith("\n") ? "" : eol;
    const begin = joint === "" ? BEGIN : BEGIN + NEWLINE_ADDED;
    return text + joint + [begin, line, END, ""].join(eol);
  }
  const lines = block.lines.map((each) => (ownerOf(each) === alias.owner ? line : each));
  if (!lines.includes(line)) lines.push(line);
  return text.slice(0, block.contentStart) + lines.map((each) => each + eol).join("") + text.slice(block.contentEnd);
}

/** The text without the registry's alias; an emptied block goes, with the new line that it may have begun with. */
export function withoutAlias(text: string, owner: string): string {
  const block = findBlock(text);
  if (block === undefined) return text;
  const lines = block.lines.filter((each) => ownerOf(each) !== owner);
  if (lines.length === block.lines.length) return text;
  const eol = lineEnding(text);
  if (lines.length > 0) {
    return text.slice(0, block.contentStart) + lines.map((each) => each + eol).join("") + text.slice(block.contentEnd);
  }
  return text.slice(0, block.start) + text.slice(block.end);
}

interface Block {
  /** Offsets of the whole block, and of the lines between its markers. */
  readonly start: number;
  readonly contentStart: number;
  readonly contentEnd: number;
  readonly end: number;
  readonly lines: readonly string[];
}

function findBlock(text: string): Block | undefined {
  const begin = /^# BEGIN regclient:[^\r\n]*(?:\r?\n)/m.exec(text);
  if (begin === null) return undefined;
  const contentStart = begin.index + begin[0].length;
  const end = /^# END regclient\r?(?:\n|$(?![\s\S]))/m.exec(text.slice(contentStart));
  if (end === null) return undefined;
  const contentEnd = contentStart + end.index;
  const content = text.slice(contentStart, contentEnd);
  const joint = begin[0].includes(NEWLINE_ADDED) ? /\r?\n$/.exec(text.slice(0, begin.index)) : null;
  return {
    start: begin.index - (joint?.[0].length ?? 0),
    contentStart,
    contentEnd,
    end: contentEnd + end[0].length,
    lines: content.split(/\r?\n/).filter((line) => line !== ""),
  };
}

function ownerOf(line: string): string | undefined {
  return OWNER.exec(line)?.[1];
}

function lineEnding(text: string): string {
  const first = text.indexOf("\n");
  return first > 0 && text[first - 1] === "\r" ? "\r\n" : "\n";
}
