import { parse } from "@decimalturn/toml-patch";

/** A table as it is read: strings, numbers, dates, arrays and further tables by key. */
export type TomlTable = Readonly<Record<string, unknown>>;

/** A key, or the keys from the top of the file down to a table. */
export type TomlPath = readonly string[];

/** Reads a TOML 1.1 text; what it says, or why it says nothing, in one line. */
export function parseToml(text: string): { readonly data: TomlTable } | { readonly wrong: string } {
  try {
    return { data: parse(text, { integersAsBigInt: true }) as TomlTable };
  } catch (error) {
    return { wrong: (error as Error).message.split("\n")[0] ?? "it is not TOML" };
  }
}

/** True when both say the same: types, values, the order of arrays; the order of keys says nothing. */
export function sameData(one: unknown, other: unknown): boolean {
  if (one instanceof Date || other instanceof Date) return sameDate(one, other);
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((each, index) => sameData(each, other[index]));
  if (!isTable(one) || !isTable(other)) return Object.is(one, other);
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameData(one[key], other[key]))
  );
}

/** True for a table, no matter how it is written. */
export function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The value at a path, undefined where a key is missing or something above it is no table. */
export function valueAt(data: TomlTable, path: TomlPath): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isTable(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    data,
  );
}

/** The same data with another value at the path; tables on the way are made. Undefined when something is in the way. */
export function withValue(data: TomlTable, path: TomlPath, value: unknown): TomlTable | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return undefined;
  if (rest.length === 0) return { ...data, [key]: value };
  const inner = Object.hasOwn(data, key) ? data[key] : {};
  const changed = isTable(inner) ? withValue(inner, rest, value) : undefined;
  return changed && { ...data, [key]: changed };
}

/** The same data without the value at the path, and without the tables above it that are empty then. */
export function withoutValue(data: TomlTable, path: TomlPath): TomlTable {
  const [key, ...rest] = path;
  if (key === undefined || !Object.hasOwn(data, key)) return data;
  const { [key]: inner, ...others } = data;
  const left = rest.length > 0 && isTable(inner) ? withoutValue(inner, rest) : undefined;
  if (rest.length > 0 && left === undefined) return data;
  return left === undefined || Object.keys(left).length === 0 ? others : { ...data, [key]: left };
}

function sameDate(one: unknown, other: unknown): boolean {
  return (
    one instanceof Date &&
    other instanceof Date &&
    one.constructor === other.constructor &&
    String(one) === String(other)
  );
}
