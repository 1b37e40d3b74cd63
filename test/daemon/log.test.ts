import fc from "fast-check";
import { expect, test } from "vitest";
import { createLog, isJournal, withPriority, type LogFields } from "../../src/daemon/log.ts";

function lineOf(message: string, fields: LogFields, journal = true): string {
  const lines: string[] = [];
  createLog({ write: (line) => lines.push(line), journal, now: () => 0 })("info", message, fields);
  return lines.join("|");
}

test("the journal gets a priority, and elsewhere there is a time", () => {
  const fields = { uid: 1000, pid: 42, registry: "devregistry:5000", outcome: "given" };
  expect(lineOf("login asked for", fields)).toBe(
    "<6>login asked for uid=1000 pid=42 registry=devregistry:5000 outcome=given\n",
  );
  expect(lineOf("stopped", {}, false)).toBe("1970-01-01T00:00:00.000Z info stopped\n");
});

test.each([
  ["a b", String.raw`"a b"`],
  ['a" outcome="given', String.raw`"a\" outcome=\"given"`],
  ["a\\", String.raw`"a\\"`],
  ["a\n<0>b", String.raw`"a\\u000a<0>b"`.replaceAll(String.raw`\\u`, String.raw`\u`)],
  ["\u001b[2J", String.raw`"\u001b[2J"`],
  ["\u202egnp", String.raw`"\u202egnp"`],
  ["", '""'],
])("%j stands in one value", (value, expected) => {
  expect(lineOf("x", { registry: value })).toBe(`<6>x registry=${expected}\n`);
});

test("whatever a value is, it is one line without control characters, and not long", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 1000 }), (value) => {
      const line = lineOf("x", { registry: value });
      expect(line.endsWith("\n")).toBe(true);
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
      expect(line.length).toBeLessThan(2000);
    }),
  );
});

test.each([
  ["8:123", true],
  ["8:124", false],
  [undefined, false],
])("stderr 8:123 is the journal at %s: %s", (named, expected) => {
  expect(isJournal(named, { dev: 8, ino: 123 })).toBe(expected);
});

test("each line of a text gets a priority, and empty ones stay empty", () => {
  expect(withPriority("error", "a\n  b\n\nc\n")).toBe("<3>a\n<3>  b\n\n<3>c\n");
});
