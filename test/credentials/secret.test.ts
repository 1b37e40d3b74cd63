import { Console } from "node:console";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import { expect, test } from "vitest";
import { reveal, secret } from "../../src/credentials/secret.ts";

const TEXT = "tr0ub4dor-and-3";
const hidden = secret(TEXT);

function printed(print: (console: Console) => void): string {
  let text = "";
  const stdout = new Writable({
    write: (chunk: Buffer, _, done) => {
      text += chunk.toString();
      done();
    },
  });
  print(new Console({ stdout, stderr: stdout }));
  return text;
}

function cloned(value: unknown): string {
  try {
    return JSON.stringify(structuredClone(value));
  } catch (error) {
    return String(error);
  }
}

test.each([
  ["a template string", () => `${hidden}`],
  ["adding to a text", () => "" + String(hidden)],
  ["JSON", () => JSON.stringify({ inner: [hidden] })],
  ["util.inspect", () => inspect({ inner: { deeper: hidden } }, { depth: 9, showHidden: true })],
  ["util.format", () => format("%s %o %O %j", hidden, hidden, hidden, hidden)],
  ["console.log", () => printed((console) => console.log(hidden, [hidden], { hidden }))],
  ["console.table", () => printed((console) => console.table([{ hidden }]))],
  ["console.dir", () => printed((console) => console.dir(hidden, { showHidden: true, customInspect: false }))],
  ["structuredClone", () => cloned(hidden)],
  ["an error's message", () => inspect(new Error(`failed with ${hidden}`, { cause: hidden }))],
  ["its keys and values", () => JSON.stringify([Object.entries(hidden), Object.getOwnPropertyNames(hidden)])],
  ["spreading it", () => JSON.stringify({ ...hidden, toJSON: undefined })],
  ["a URL", () => new URL(`https://x/?p=${hidden}`).href],
])("a secret is not in %s", (_, show) => {
  const text = show();
  expect(text).not.toContain(TEXT);
  expect(text.length).toBeGreaterThan(0);
});

test("only reveal gives it back, and only for what secret() made", () => {
  expect(reveal(hidden)).toBe(TEXT);
  expect(() => reveal({ ...hidden })).toThrow("not a secret");
  expect(Object.isFrozen(hidden)).toBe(true);
});
