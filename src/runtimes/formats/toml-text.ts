import { linesOf, type TextLine } from "./text-lines.ts";
import { isTable, parseToml, type TomlPath } from "./toml-data.ts";

/** A value that regclient writes. */
export type TomlValue = string | boolean | readonly (string | readonly string[])[];

/** The comment above each table that regclient began. */
export const MARKER = "# added by regclient";
/** In the comment of a table for whose sake the line before it was ended. */
export const JOINED = " (it began with a new line)";

/** As many places as this are tried for one edit. */
export const MAX_PLACES = 64;

/** A table of its own, behind a blank line and the marker, to go at the end of a text. */
export function tableText(
  table: TomlPath,
  values: Readonly<Record<string, TomlValue>>,
  eol: string,
  isJoined: boolean,
): string {
  return section(`[${renderPath(table)}]`, values, eol, isJoined);
}

/** One table of an array of tables, likewise. */
export function blockText(
  table: TomlPath,
  values: Readonly<Record<string, TomlValue>>,
  eol: string,
  isJoined: boolean,
): string {
  return section(`[[${renderPath(table)}]]`, values, eol, isJoined);
}

function section(header: string, values: Readonly<Record<string, TomlValue>>, eol: string, isJoined: boolean): string {
  const lines = Object.entries(values).map(([key, value]) => keyLine(key, value));
  return ["", MARKER + (isJoined ? JOINED : ""), header, ...lines, ""].join(eol);
}

/** `key = value`, without a line end. */
export function keyLine(key: string, value: TomlValue): string {
  return `${renderKey(key)} = ${renderValue(value)}`;
}

/** A path as it stands in a header. */
export function renderPath(path: TomlPath): string {
  return path.map(renderKey).join(".");
}

/** A basic string (TOML 1.0, "String"). */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

/**
 * Where a key of this table may be written: behind each line that reads as its header. A line inside of a longer string
 * reads so too; that is found out when the result is read back.
 */
export function headerPlaces(
  text: string,
  table: TomlPath,
): readonly { readonly offset: number; readonly indent: string; readonly isOpen: boolean }[] {
  return headersOf(text, table).map((line) => ({
    offset: line.end,
    indent: /^[ \t]*/.exec(text.slice(line.end))?.[0] ?? "",
    isOpen: !text.slice(line.start, line.end).endsWith("\n"),
  }));
}

/** The lines that read as the header of this table. */
export function headersOf(text: string, table: TomlPath): readonly TextLine[] {
  const isHeader = (line: TextLine): boolean => /^\s*\[(?!\[)/.test(line.content) && sameTable(line.content, table);
  return linesOf(text).filter(isHeader).slice(0, MAX_PLACES);
}

/** Where an element may be put first into an array with this key: behind each bracket that may be its first. */
export function arrayPlaces(text: string, key: string): readonly number[] {
  const name = key.replaceAll(/[^A-Za-z0-9_]/g, String.raw`\$&`);
  const start = new RegExp(String.raw`(?<![^\s.{,"'])(?:${name}|"${name}"|'${name}')\s*=\s*\[`, "gu");
  return [...text.matchAll(start)].slice(0, MAX_PLACES).map((match) => match.index + match[0].length);
}

function sameTable(line: string, table: TomlPath): boolean {
  const parsed = parseToml(line);
  if ("wrong" in parsed) return false;
  let inner: unknown = parsed.data;
  for (const key of table) {
    if (!isTable(inner) || !Object.hasOwn(inner, key)) return false;
    inner = inner[key];
  }
  return isTable(inner) && Object.keys(inner).length === 0;
}

function renderValue(value: TomlValue): string {
  if (typeof value === "string") return quote(value);
  return typeof value === "boolean" ? String(value) : `[${value.map(renderValue).join(", ")}]`;
}

function renderKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quote(key);
}
