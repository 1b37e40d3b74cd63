import {
  isTable,
  parseToml,
  sameData,
  valueAt,
  withValue,
  withoutValue,
  type TomlPath,
  type TomlTable,
} from "./toml-data.ts";
import { JOINED, MARKER, MAX_PLACES, blockText, headersOf, keyLine, quote } from "./toml-text.ts";
import { linesOf, whyUnfit, type TextLine } from "./text-lines.ts";
import type { TomlWant } from "./toml.ts";

/**
 * The text without what was added: the same wants as they were added with. What is not there any more, or not as it was
 * written, stays as it is, and so does everything else, byte for byte; each removal is read back as each addition is.
 */
export function withoutToml(text: string, wants: readonly TomlWant[]): string {
  if (whyUnfit(text) !== undefined) return text;
  return wants.toReversed().reduce(removeWant, text);
}

/** True when anything of what is wanted stands in the text. */
export function hasToml(text: string, wants: readonly TomlWant[]): boolean {
  const parsed = parseToml(text);
  if ("wrong" in parsed) return false;
  return wants.some((want) => withoutWant(parsed.data, want) !== undefined);
}

function removeWant(text: string, want: TomlWant): string {
  const parsed = parseToml(text);
  if ("wrong" in parsed) return text;
  const expected = withoutWant(parsed.data, want);
  if (expected === undefined) return text;
  const path = want.kind === "block" ? want.table : [...want.table, want.key];
  for (const candidate of removals(text, want)) {
    if (expected.some((each) => says(candidate, each, path)))
      return want.kind === "block" ? candidate : dropEmptyTable(candidate, want.table);
  }
  return text;
}

/** Tables on the path that are left without anything in them say nothing. */
function says(text: string, data: TomlTable, path: TomlPath): boolean {
  const read = parseToml(text);
  return "data" in read && sameData(prune(read.data, path), prune(data, path));
}

/** What the text may say without it; undefined when it does not say it now. */
function withoutWant(data: TomlTable, want: TomlWant): readonly TomlTable[] | undefined {
  const path = want.kind === "block" ? want.table : [...want.table, want.key];
  const current = valueAt(data, path);
  if (want.kind === "key") return sameData(current, want.value) ? [withoutValue(data, path)] : undefined;
  if (!Array.isArray(current)) return undefined;
  const element = want.kind === "element" ? want.element : want.values;
  const index = current.findIndex((each) => sameData(each, element));
  if (index === -1) return undefined;
  const left = current.toSpliced(index, 1) as readonly unknown[];
  const emptied = withValue(data, path, left);
  return [...(left.length === 0 ? [withoutValue(data, path)] : []), ...(emptied === undefined ? [] : [emptied])];
}

function removals(text: string, want: TomlWant): readonly string[] {
  if (want.kind === "block") return sectionsLike(text, want).map(({ start, end }) => cut(text, start, end));
  const value = want.kind === "element" ? [want.element] : want.value;
  const written = keyLine(want.key, value);
  const lines = linesOf(text).filter((line) => line.content.trim() === written);
  const wholeLines = lines.slice(0, MAX_PLACES).map((line) => cutLine(text, line));
  return want.kind === "element" ? [...wholeLines, ...elementsLike(text, want.element)] : wholeLines;
}

function elementsLike(text: string, element: string): readonly string[] {
  const written = quote(element);
  const places: string[] = [];
  for (let at = text.indexOf(written); at !== -1 && places.length < MAX_PLACES; at = text.indexOf(written, at + 1)) {
    const behind = text.slice(at + written.length);
    for (const rest of [", ", ",", ""]) {
      if (behind.startsWith(rest)) places.push(cut(text, at, at + written.length + rest.length));
    }
  }
  return places;
}

/** Where a block stands just as it was written. */
function sectionsLike(
  text: string,
  want: Extract<TomlWant, { kind: "block" }>,
): readonly { readonly start: number; readonly end: number }[] {
  const wanted = blockText(want.table, want.values, "\n", false).trim().split("\n").slice(1);
  const lines = linesOf(text);
  return lines.flatMap((_, index) => {
    const same = wanted.every((each, offset) => lines[index + offset]?.content.trim() === each);
    const last = lines[index + wanted.length - 1];
    return same && last !== undefined ? [{ start: beginningOf(text, lines, index, last.end), end: last.end }] : [];
  });
}

/** The header of a table that regclient began goes with its marker when nobody needs it any more. */
function dropEmptyTable(text: string, table: TomlPath): string {
  const parsed = parseToml(text);
  if ("wrong" in parsed) return text;
  const lines = linesOf(text);
  for (const header of headersOf(text, table)) {
    const index = lines.findIndex((line) => line.start === header.start);
    if (lines[index - 1]?.content.startsWith(MARKER) !== true) continue;
    const candidate = cut(text, beginningOf(text, lines, index, header.end), header.end);
    if (says(candidate, parsed.data, table)) return candidate;
  }
  return text;
}

/** From the marker above a header on, with the blank line that came with it, and the new line if nothing follows on it. */
function beginningOf(text: string, lines: readonly TextLine[], header: number, end: number): number {
  const marker = lines[header - 1];
  if (marker?.content.startsWith(MARKER) !== true) return lines[header]?.start ?? 0;
  const blank = lines[header - 2];
  const start = blank?.content === "" ? blank.start : marker.start;
  if (!marker.content.endsWith(JOINED) || end < text.length) return start;
  return text.slice(0, start).endsWith("\r\n") ? start - 2 : Math.max(0, start - 1);
}

function cutLine(text: string, line: TextLine): string {
  // the last line may have been begun behind one that had no end
  const isOpen = !text.slice(line.start, line.end).endsWith("\n");
  const start = isOpen ? text.slice(0, line.start).replace(/\r?\n$/, "").length : line.start;
  return cut(text, start, line.end);
}

function cut(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(end);
}

function prune(data: TomlTable, path: TomlPath): TomlTable {
  const value = valueAt(data, path);
  if (path.length === 0) return data;
  const isEmpty = value === undefined || (isTable(value) && Object.keys(value).length === 0);
  return isEmpty ? prune(withoutValue(data, path), path.slice(0, -1)) : data;
}
