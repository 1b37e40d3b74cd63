import { isIP } from "../address.ts";

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

/** The lines that name `host`, in file order, as glibc and Go both read it: without regard to case. */
export function linesNaming(text: string, host: string): readonly HostsLine[] {
  const wanted = host.toLowerCase();
  return readHostsLines(text).filter((line) => line.names.some((name) => name.toLowerCase() === wanted));
}

/** Lines outside regclient's block that name the same host. */
export function foreignLines(text: string, host: string): readonly HostsLine[] {
  return linesNaming(text, host).filter((line) => line.owner === undefined);
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
  const isOurs = (each: string): boolean => ownerOf(each) === alias.owner;
  const lines = block.lines.map((each) => (isOurs(each) ? line + eol : each));
  if (!block.lines.some(isOurs)) lines.push(line + eol);
  return text.slice(0, block.contentStart) + lines.join("") + text.slice(block.contentEnd);
}

/** The text without the registry's alias; an empty block goes, with the new line that it may have begun with. */
export function withoutAlias(text: string, owner: string): string {
  const block = findBlock(text);
  if (block === undefined) return text;
  const lines = block.lines.filter((each) => ownerOf(each) !== owner);
  if (lines.length === block.lines.length && lines.length > 0) return text;
  if (lines.length > 0) return text.slice(0, block.contentStart) + lines.join("") + text.slice(block.contentEnd);
  return text.slice(0, block.start) + text.slice(block.end);
}

interface Block {
  /** Offsets of the whole block, and of the lines between its markers. */
  readonly start: number;
  readonly contentStart: number;
  readonly contentEnd: number;
  readonly end: number;
  /** With their line ends. */
  readonly lines: readonly string[];
}

function findBlock(text: string): Block | undefined {
  // a BEGIN whose END somebody broke must not swallow what stands before the next BEGIN
  const found =
    /(?<![^\n])# BEGIN regclient:[^\n]*\n((?:(?!# BEGIN regclient:|# END regclient\r?(?:\n|$))[^\n]*\n)*)# END regclient\r?(?:\n|$)/.exec(
      text,
    );
  if (found === null) return undefined;
  const [whole, content = ""] = found;
  const end = found.index + whole.length;
  const contentStart = found.index + whole.indexOf("\n") + 1;
  const before = text.slice(0, found.index);
  // the new line is still needed when somebody has written on behind the block
  const first = whole.slice(0, whole.indexOf("\n"));
  const isJoined = first.includes(NEWLINE_ADDED) && end === text.length;
  // the new line was written like those of the block: a lone carriage return before it is somebody's
  const joint = first.endsWith("\r") ? "\r\n" : "\n";
  return {
    start: isJoined && before.endsWith(joint) ? before.length - joint.length : found.index,
    contentStart,
    contentEnd: contentStart + content.length,
    end,
    lines: content.match(/[^\n]*\n/g) ?? [],
  };
}

function ownerOf(line: string): string | undefined {
  return OWNER.exec(line)?.[1];
}

function lineEnding(text: string): string {
  const first = text.indexOf("\n");
  return first > 0 && text[first - 1] === "\r" ? "\r\n" : "\n";
}
