import { problem, printable, type Problem } from "../../findings/problem.ts";
import { failure, success, type Result } from "../../result.ts";
import { endOf, insertAt, whyUnfit } from "./text-lines.ts";
import { parseToml, sameData, valueAt, withValue, type TomlPath, type TomlTable } from "./toml-data.ts";
import { arrayPlaces, blockText, headerPlaces, keyLine, quote, tableText, type TomlValue } from "./toml-text.ts";

/** One thing that a TOML file of somebody else is to say. */
export type TomlWant =
  /** `key = value` in a table. Another value that stands there is somebody's word, and refused. */
  | { readonly kind: "key"; readonly table: TomlPath; readonly key: string; readonly value: TomlValue }
  /** An array of strings that has `element` among its elements; those of others stay. */
  | { readonly kind: "element"; readonly table: TomlPath; readonly key: string; readonly element: string }
  /** One table of an array of tables: `[[table]]`. */
  | { readonly kind: "block"; readonly table: TomlPath; readonly values: Readonly<Record<string, TomlValue>> };

/**
 * The text with everything that is wanted in it, in order. Whatever else stands there stays byte for byte: comments,
 * order, blank lines, line ends. Text is only ever inserted, and each insertion is read back: it must say exactly what it
 * said before and what is wanted. Where that cannot be had (another value, an inline table, dotted keys or an array of
 * tables in the way; text that is no TOML, begins with a BOM, or is longer than 1 MiB) it is a Problem with the lines to
 * add by hand. `path` is for messages.
 */
export function withToml(text: string, wants: readonly TomlWant[], path: string): Result<string> {
  const refuse = (reason: string): Result<string> => failure(byHand(path, reason, wants));
  const unfit = whyUnfit(text);
  if (unfit !== undefined) return refuse(unfit);
  let current = text;
  for (const want of wants) {
    const parsed = parseToml(current);
    if ("wrong" in parsed) return refuse(`it is not valid TOML: ${parsed.wrong}`);
    const added = addWant(current, parsed.data, want);
    if ("reason" in added) return refuse(added.reason);
    current = added.text;
  }
  return success(current);
}

/** The lines that say what is wanted, for a person to add, or for a file of our own. */
export function tomlLines(wants: readonly TomlWant[]): readonly string[] {
  return wants.flatMap((want) => wantText(want, "\n").trimEnd().split("\n"));
}

type Added = { readonly text: string } | { readonly reason: string };

function addWant(text: string, data: TomlTable, want: TomlWant): Added {
  const target = targetOf(data, want);
  if ("reason" in target) return target;
  if (target.isThere) return { text };
  for (const candidate of candidatesFor(text, data, want)) {
    const parsed = parseToml(candidate);
    if ("data" in parsed && sameData(parsed.data, target.data)) return { text: candidate };
  }
  return { reason: `${want.table.join(".")} is written in a form that nothing can be added to safely` };
}

type Target = { readonly isThere: boolean; readonly data: TomlTable } | { readonly reason: string };

/** What the text is to say afterwards. */
function targetOf(data: TomlTable, want: TomlWant): Target {
  const path = want.kind === "block" ? want.table : [...want.table, want.key];
  const current = valueAt(data, path);
  const next = nextValue(current, want);
  if (next === undefined) return { reason: `${path.join(".")} has another value there, which somebody else has set` };
  if (next === current) return { isThere: true, data };
  const changed = withValue(data, path, next);
  return changed === undefined
    ? { reason: `something that is no table stands in the way of ${path.join(".")}` }
    : { isThere: false, data: changed };
}

/** The value itself when it is as wanted already; undefined when it must not be changed. */
function nextValue(current: unknown, want: TomlWant): unknown {
  if (want.kind === "key") {
    if (current === undefined) return want.value;
    return sameData(current, want.value) ? current : undefined;
  }
  const list = current ?? [];
  if (!Array.isArray(list)) return undefined;
  const element = want.kind === "element" ? want.element : want.values;
  if (list.some((each) => sameData(each, element))) return current;
  return want.kind === "element" ? [element, ...(list as unknown[])] : [...(list as unknown[]), element];
}

/** Every text that may say what is wanted, the best first. */
function candidatesFor(text: string, data: TomlTable, want: TomlWant): readonly string[] {
  const { joint, eol } = endOf(text);
  // what belongs to no table can only stand above the first one
  if (want.table.length === 0 && !isArrayElement(data, want)) return [wantText(want, eol) + text];
  const appended = text + joint + wantText(want, eol, joint !== "");
  if (want.kind === "block") return [appended];
  if (want.kind === "element" && isArrayElement(data, want)) {
    // behind the only one too: a comma in the end tells an array that was there from one that is ours
    return arrayPlaces(text, want.key).map((offset) => insertAt(text, offset, `${quote(want.element)}, `));
  }
  const value = want.kind === "element" ? [want.element] : want.value;
  const inTable = headerPlaces(text, want.table).map(({ offset, indent, isOpen }) =>
    insertAt(text, offset, (isOpen ? eol : "") + indent + keyLine(want.key, value) + (isOpen ? "" : eol)),
  );
  return [...inTable, appended];
}

function isArrayElement(data: TomlTable, want: TomlWant): boolean {
  return want.kind === "element" && Array.isArray(valueAt(data, [...want.table, want.key]));
}

function wantText(want: TomlWant, eol: string, isJoined = false): string {
  if (want.kind === "block") return blockText(want.table, want.values, eol, isJoined);
  const value = want.kind === "element" ? [want.element] : want.value;
  if (want.table.length === 0) return keyLine(want.key, value) + eol;
  return tableText(want.table, { [want.key]: value }, eol, isJoined);
}

function byHand(path: string, reason: string, wants: readonly TomlWant[]): Problem {
  const made = problem("RC-RUN-020", { path, reason }, [`${path}: ${reason}`]);
  return {
    ...made,
    fix: [
      ...made.fix,
      ...tomlLines(wants)
        .filter((line) => !/^(?:#|$)/.test(line))
        .map(printable),
    ],
  };
}
