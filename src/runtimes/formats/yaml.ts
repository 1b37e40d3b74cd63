import { problem, printable, type Problem } from "../../findings/problem.ts";
import { readYaml, type ReadYaml } from "../../formats/yaml-document.ts";
import { failure, success, type Result } from "../../result.ts";
import { isTable, sameData, valueAt, withValue, withoutValue, type TomlTable } from "./toml-data.ts";
import { endOf, insertAt, linesOf, whyUnfit, type TextLine } from "./text-lines.ts";

/** One value that a YAML file of somebody else is to have, at the keys from the top down. */
export interface YamlWant {
  readonly path: readonly string[];
  readonly value: string;
}

const MARKER = "# added by regclient";
const JOINED = " (it began with a new line)";

/**
 * The text with everything that is wanted in it, in order. Lines are only ever inserted, whatever else stands there stays
 * byte for byte; each insertion is read back and must say what it said before and what is wanted. Where that cannot be had
 * (another value, a flow mapping, an alias, several documents, text that is no YAML, a byte order mark, more than 1 MiB) it
 * is a Problem with the lines to add by hand. `path` is for messages.
 */
export function withYaml(text: string, wants: readonly YamlWant[], path: string): Result<string> {
  const refuse = (reason: string): Result<string> => failure(byHand(path, reason, wants));
  const unfit = whyUnfit(text);
  if (unfit !== undefined) return refuse(unfit);
  let current = text;
  for (const want of wants) {
    const read = readYaml(current);
    if ("wrong" in read) return refuse(`line ${read.line} is not valid: ${read.wrong}`);
    const added = addWant(current, read, want);
    if ("reason" in added) return refuse(added.reason);
    current = added.text;
  }
  return success(current);
}

/**
 * The text without what was added. What is not there any more, or not as it was written, stays as it is, and so does
 * everything else.
 */
export function withoutYaml(text: string, wants: readonly YamlWant[]): string {
  if (whyUnfit(text) !== undefined) return text;
  return wants.toReversed().reduce(removeWant, text);
}

/** True when anything of what is wanted stands in the text. */
export function hasYaml(text: string, wants: readonly YamlWant[]): boolean {
  const read = readYaml(text);
  return "data" in read && wants.some(({ path, value }) => valueAt(tableOf(read.data) ?? {}, path) === value);
}

/** The lines that say what is wanted, for a person to add. */
export function yamlLines(wants: readonly YamlWant[]): readonly string[] {
  const result = wants.reduce((text, want) => {
    const added = withYaml(text, [want], "");
    return added.ok ? added.value : text;
  }, "");
  return result.trimEnd().replaceAll(` ${MARKER}`, "").split("\n");
}

type Added = { readonly text: string } | { readonly reason: string };

function addWant(text: string, read: ReadYaml, { path, value }: YamlWant): Added {
  const data = tableOf(read.data);
  if (data === undefined) return { reason: "it is no mapping" };
  const name = path.join(".");
  const current = valueAt(data, path);
  if (current === value) return { text };
  if (current !== undefined && current !== null)
    return { reason: `${name} has another value there, which somebody else has set` };
  const expected = withValue(withoutNull(data, path), path, value);
  if (expected === undefined) return { reason: `something that is no mapping stands in the way of ${name}` };
  const candidate = insertWant(text, read, path, value);
  return candidate !== undefined && says(candidate, expected)
    ? { text: candidate }
    : { reason: `${name} is written in a form that nothing can be added to safely` };
}

/** Below the deepest key of the path that stands there; at the end of the text when there is none. */
function insertWant(text: string, read: ReadYaml, path: readonly string[], value: string): string | undefined {
  const lines = linesOf(text);
  const { eol, joint } = endOf(text);
  const depth = path.findLastIndex((_, index) => read.offsetOf(path.slice(0, index + 1)) !== undefined) + 1;
  if (depth === path.length) return undefined;
  if (depth === 0) return text + joint + renderLines(path, value, "", joint === "" ? "" : JOINED).join(eol) + eol;
  const offset = read.offsetOf(path.slice(0, depth)) ?? 0;
  const line = lines.find((each) => each.start <= offset && offset < each.end);
  if (line === undefined) return undefined;
  const indent = childIndent(text, read, path.slice(0, depth)) ?? `${" ".repeat(offset - line.start)}  `;
  const isOpen = !text.slice(line.start, line.end).endsWith("\n");
  const added = renderLines(path.slice(depth), value, indent, "").join(eol);
  return insertAt(text, line.end, isOpen ? eol + added : added + eol);
}

/** The indent of the first key below this one. */
function childIndent(text: string, read: ReadYaml, path: readonly string[]): string | undefined {
  const below = valueAt(tableOf(read.data) ?? {}, path);
  const [first] = isTable(below) ? Object.keys(below) : [];
  const offset = first === undefined ? undefined : read.offsetOf([...path, first]);
  if (offset === undefined) return undefined;
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return " ".repeat(offset - start);
}

function renderLines(path: readonly string[], value: string, indent: string, joined: string): readonly string[] {
  return path.map((key, index) => {
    const head = `${indent}${"  ".repeat(index)}${renderScalar(key)}:`;
    if (index === path.length - 1) return `${head} ${renderScalar(value)}`;
    return `${head} ${MARKER}${index === 0 ? joined : ""}`;
  });
}

function renderScalar(text: string): string {
  return /^(?:\/[A-Za-z0-9/._-]*|(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z][a-z_]*)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

function removeWant(text: string, { path, value }: YamlWant): string {
  const read = readYaml(text);
  if ("wrong" in read) return text;
  const data = tableOf(read.data) ?? {};
  if (valueAt(data, path) !== value) return text;
  const line = lineAt(text, read.offsetOf(path));
  if (line === undefined || line.content.trim() !== renderLines(path.slice(-1), value, "", "")[0]) return text;
  const candidate = cutLine(text, line);
  return says(candidate, withoutValue(data, path)) ? dropEmptied(candidate, path.slice(0, -1)) : text;
}

/** Keys that regclient began, and that have nothing below them any more. */
function dropEmptied(text: string, path: readonly string[]): string {
  const read = readYaml(text);
  if (path.length === 0 || "wrong" in read) return text;
  const data = tableOf(read.data) ?? {};
  const line = lineAt(text, read.offsetOf(path));
  if (valueAt(data, path) !== null || line === undefined || !line.content.includes(`: ${MARKER}`)) return text;
  const candidate = cutLine(text, line);
  return says(candidate, data) ? dropEmptied(candidate, path.slice(0, -1)) : text;
}

/** Keys with nothing behind them say nothing. */
function says(text: string, expected: TomlTable): boolean {
  const read = readYaml(text);
  const data = "data" in read ? tableOf(read.data) : undefined;
  return data !== undefined && sameData(withoutEmpty(data), withoutEmpty(expected));
}

function withoutEmpty(data: TomlTable): TomlTable {
  const kept = Object.entries(data).flatMap(([key, value]) => {
    const inner = isTable(value) ? withoutEmpty(value) : value;
    return inner === null || (isTable(inner) && Object.keys(inner).length === 0) ? [] : [[key, inner] as const];
  });
  return Object.fromEntries(kept);
}

/** The data without a key on the path that has nothing behind it. */
function withoutNull(data: TomlTable, path: readonly string[]): TomlTable {
  const empty = path.findIndex((_, index) => valueAt(data, path.slice(0, index + 1)) === null);
  return empty === -1 ? data : withoutValue(data, path.slice(0, empty + 1));
}

function tableOf(data: unknown): TomlTable | undefined {
  if (data === null || data === undefined) return {};
  return isTable(data) ? data : undefined;
}

function lineAt(text: string, offset: number | undefined): TextLine | undefined {
  return offset === undefined ? undefined : linesOf(text).find((each) => each.start <= offset && offset < each.end);
}

function cutLine(text: string, line: TextLine): string {
  const isLast = line.end === text.length;
  const isOpen = !text.endsWith("\n");
  const isJoined = line.content.endsWith(MARKER + JOINED);
  const before = text.slice(0, line.start);
  return (isLast && (isOpen || isJoined) ? before.replace(/\r?\n$/, "") : before) + text.slice(line.end);
}

function byHand(path: string, reason: string, wants: readonly YamlWant[]): Problem {
  const made = problem("RC-RUN-020", { path, reason }, [`${path}: ${reason}`]);
  return { ...made, fix: [...made.fix, ...yamlLines(wants).map(printable)] };
}
