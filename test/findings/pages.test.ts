import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findingPages } from "../../scripts/findings-docs/pages.ts";
import { backgroundRows } from "../../src/findings/background-rows.ts";
import { backgroundOf, generalCause, layers, parseCode, withWords } from "../../src/findings/background.ts";
import { catalogue, type FindingCode } from "../../src/findings/catalogue.ts";
import { problem } from "../../src/findings/problem.ts";

const top = join(import.meta.dirname, "../..");
const codes = Object.keys(catalogue) as FindingCode[];

describe("the pages on the findings", () => {
  const pages = findingPages();

  test("are those of the catalogue, no more and no fewer; otherwise: npm run findings-docs", () => {
    expect(readdirSync(join(top, "docs/findings")).toSorted()).toEqual([...pages.keys()].toSorted());
  });

  test.each([...pages])("%s is up to date; otherwise: npm run findings-docs", (name, text) => {
    expect(readFileSync(join(top, "docs/findings", name), "utf8")).toBe(text);
  });

  test("are where a problem says", () => {
    expect(existsSync(join(top, problem("RC-CFG-009").documentation))).toBe(true);
  });
});

test.each(codes)("%s has a layer, says what is shown, and its cause is more than a placeholder", (code) => {
  const { layer, evidence, references } = backgroundOf(code);
  const cause = generalCause(code);
  expect(layers).toContain(layer);
  expect(evidence).not.toBe("");
  expect(cause).not.toBe("");
  for (const line of [evidence, cause, ...references]) expect(line).not.toMatch(/[{}\n]/);
});

test("no row of the background is for a code that is gone", () => {
  expect(Object.keys(backgroundRows).filter((code) => !codes.includes(code as FindingCode))).toEqual([]);
});

test("references name an issue, a section, or a document", () => {
  const all = [...new Set(codes.flatMap((code) => backgroundOf(code).references))];
  expect(all.length).toBeGreaterThan(30);
  const known =
    /^[\w./-]+#\d+$|^RFC \d{4}(?: (?:section [\d.]+|appendix [A-Z]))?$|^[\w/-]+: [\w .,/-]+$|^docs\.[\w./-]+$/;
  expect(all.filter((each) => !known.test(each))).toEqual([]);
});

test.each([
  ["RC-TLS-003", "RC-TLS-003"],
  ["rc-tls-003", "RC-TLS-003"],
  ["tls-003", "RC-TLS-003"],
  ["RC-TLS-999", undefined],
  ["toString", undefined],
])("%s is read as the code %s", (text, code) => {
  expect(parseCode(text)).toBe(code);
});

test("a template shows its placeholders as words in capitals", () => {
  expect(withWords("valid until {notAfter} for {host}")).toBe("valid until NOT-AFTER for HOST");
});
