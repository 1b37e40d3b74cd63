import { expect, test } from "vitest";
import { explainBug, wantsJson } from "../../src/cli/bug.ts";

test("a bug is told on stderr with its stack", () => {
  const { out, err } = explainBug(new Error("boom"), false);
  expect(out).toBe("");
  expect(err).toMatch(/^regclient: error: this is a fault of regclient itself\n {2}Error: boom\n {6}at /);
});

test.each([
  ["an error", new Error("boom"), /^Error: boom\n/],
  ["something thrown that is no error", "boom", /^boom$/],
])("a bug as JSON is one document, with exit code 1: %s", (_, thrown, bug) => {
  const { out, err } = explainBug(thrown, true);
  expect(JSON.parse(out)).toEqual({ exit: 1, bug: expect.stringMatching(bug) as unknown, problems: [] });
  expect(err).toBe("");
});

test.each([
  [["status", "--output", "json"], true],
  [["status", "--output=json"], true],
  [["status", "--output", "text"], false],
  [["status", "json"], false],
])("%j asks for JSON: %s", (argv, asked) => {
  expect(wantsJson(argv)).toBe(asked);
});
