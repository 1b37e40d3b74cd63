import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readYaml } from "../../../src/formats/yaml-document.ts";
import { hasYaml, withYaml, withoutYaml, type YamlWant } from "../../../src/runtimes/formats/yaml.ts";

const ca: YamlWant = { path: ["configs", "reg.test:5000", "tls", "ca_file"], value: "/etc/regclient/ca.crt" };
const cert: YamlWant = { path: ["configs", "reg.test:5000", "tls", "cert_file"], value: "/etc/regclient/client.cert" };
const second: YamlWant = { path: ["configs", "second", "tls", "ca_file"], value: "/etc/regclient/second.crt" };
const M = "# added by regclient";

function edited(text: string, wants: readonly YamlWant[]): string {
  const result = withYaml(text, wants, "/etc/x.yaml");
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.cause}`);
  return result.value;
}

const BLOCK = `configs: ${M}\n  "reg.test:5000": ${M}\n    tls: ${M}\n      ca_file: /etc/regclient/ca.crt\n`;
const MIRRORS = `# mine\nmirrors:\n  docker.io: # keep\n    endpoint:\n      - "https://mirror.test"\n`;
const OTHER = `configs: # all of them\n    # about a\n    "a.test":\n        auth: {username: u, password: "p"}\n`;

test.each([
  ["an empty file", "", BLOCK],
  ["comments alone", "# mine\n", `# mine\n${BLOCK}`],
  ["other keys", MIRRORS, MIRRORS + BLOCK],
  ["no final newline", "mirrors: {}", `mirrors: {}\n${BLOCK.replace(M, `${M} (it began with a new line)`)}`],
  ["CRLF", "mirrors: {}\r\n", `mirrors: {}\r\n${BLOCK.replaceAll("\n", "\r\n")}`],
  [
    "configs of others",
    OTHER,
    OTHER.replace(
      "of them\n",
      `of them\n    "reg.test:5000": ${M}\n      tls: ${M}\n        ca_file: /etc/regclient/ca.crt\n`,
    ),
  ],
  [
    "the registry with a password",
    `configs:\n  reg.test:5000:\n    auth:\n      username: u\n`,
    `configs:\n  reg.test:5000:\n    tls: ${M}\n      ca_file: /etc/regclient/ca.crt\n    auth:\n      username: u\n`,
  ],
  [
    "its tls",
    `configs:\n  "reg.test:5000":\n    tls:\n        insecure_skip_verify: false`,
    `configs:\n  "reg.test:5000":\n    tls:\n        ca_file: /etc/regclient/ca.crt\n        insecure_skip_verify: false`,
  ],
  [
    "a key with nothing behind it",
    "configs:\n",
    `configs:\n  "reg.test:5000": ${M}\n    tls: ${M}\n      ca_file: /etc/regclient/ca.crt\n`,
  ],
  [
    "the same at the very end",
    "configs:",
    `configs:\n  "reg.test:5000": ${M}\n    tls: ${M}\n      ca_file: /etc/regclient/ca.crt`,
  ],
])("a CA for one registry: %s", (_, before, after) => {
  expect(edited(before, [ca])).toBe(after);
  expect(edited(after, [ca])).toBe(after);
  expect(hasYaml(after, [ca])).toBe(true);
  expect(hasYaml(before, [ca])).toBe(false);
  expect(withoutYaml(after, [ca])).toBe(before);
  const all = [ca, cert, second];
  expect(withoutYaml(edited(before, all), all)).toBe(before);
});

test("of two registries one goes and the other stays", () => {
  const both = edited(MIRRORS, [ca, cert, second]);
  expect(withoutYaml(both, [ca, cert])).toBe(edited(MIRRORS, [second]));
});

test("what somebody has changed or put below our keys stays", () => {
  const after = edited("", [ca]);
  const changed = after.replace("/ca.crt", "/other.crt");
  expect(withoutYaml(changed, [ca])).toBe(changed);
  const more = `${after}    auth:\n      username: u\n`;
  expect(withoutYaml(more, [ca])).toBe(`configs: ${M}\n  "reg.test:5000": ${M}\n    auth:\n      username: u\n`);
});

test.each([
  ["a flow mapping", "configs: {a: {}}\n", "form that nothing can be added to"],
  ["a flow document", "{configs: {}}\n", "form that nothing can be added to"],
  ["a list in the way", "configs: [1]\n", "stands in the way"],
  ["a text in the way", "configs: x\n", "stands in the way"],
  ["a list", "- a\n", "no mapping"],
  ["another value", `configs:\n  "reg.test:5000":\n    tls:\n      ca_file: /x\n`, "has another value there"],
  ["an alias", "a: &x 1\nb: *x\n", "alias"],
  ["two documents", "a: 1\n---\nb: 1\n", "not valid"],
  ["a document with an end", "a: 1\n...\n", "form that nothing can be added to"],
  ["no YAML", "a: [\n", "not valid"],
  ["a key given twice", "a: 1\na: 2\n", "not valid"],
  ["a byte order mark", "\uFEFFa: 1\n", "byte order mark"],
  ["more than 1 MiB", "#".repeat(1024 * 1024 + 1), "larger than 1 MiB"],
])("refuses %s, and says what to add by hand", (_, text, reason) => {
  const result = withYaml(text, [ca], "/etc/rancher/k3s/registries.yaml");
  if (result.ok) throw new Error(result.value);
  expect(result.problem).toMatchObject({ code: "RC-RUN-020", exit: 2 });
  expect(result.problem.cause).toContain(reason);
  expect(result.problem.fix.slice(1)).toEqual(BLOCK.replaceAll(` ${M}`, "").trimEnd().split("\n"));
  expect(withoutYaml(text, [ca])).toBe(text);
});

const scalar = fc.constantFrom(
  "1",
  "x",
  '"q: #"',
  "'a'",
  "[1, 2]",
  "{a: b}",
  "|\n@  configs:\n@    x",
  ">-\n@  a",
  "null",
  "",
);
const keyName = fc.constantFrom("mirrors", "configs", "a", '"b c"', "reg.test:5000", '"reg.test:5000"', "tls", "auth");
const trivia = fc.constantFrom("", "", "# note\n", "\n", "@# inside\n");
interface Node {
  readonly entries: readonly (readonly [string, string, string | Node, string])[];
}
const tree = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record({
    entries: fc.uniqueArray(
      fc.tuple(trivia, keyName, fc.oneof({ depthSize: "small" }, scalar, tie("node")), fc.constantFrom("", " # why")),
      { minLength: 1, maxLength: 3, selector: ([, key]) => key.replaceAll('"', "") },
    ),
  }),
})).node;

function render(node: Node, indent: string, step: string): string {
  return node.entries
    .map(([above, key, value, behind]) => {
      const head = `${above.replaceAll("@", indent)}${indent}${key}:`;
      if (typeof value !== "string") return `${head}${behind}\n${render(value, indent + step, step)}`;
      const isBlock = value.includes("\n");
      return `${head} ${value.replaceAll("@", indent)}${isBlock ? "" : behind}\n`;
    })
    .join("");
}

const document = fc
  .tuple(tree, fc.constantFrom("  ", "    "), fc.boolean(), fc.boolean())
  .map(([node, step, isCrlf, hasEnd]) => {
    const text = render(node, "", step);
    const ended = hasEnd ? text : text.replace(/\n$/, "");
    return isCrlf ? ended.replaceAll("\n", "\r\n") : ended;
  })
  .filter((text) => "data" in readYaml(text));

test("over any document: everything stays, all is said, twice is once, and out is as before", () => {
  let done = 0;
  fc.assert(
    fc.property(document, fc.subarray([ca, cert, second], { minLength: 1 }), (before, wants) => {
      const result = withYaml(before, wants, "x");
      if (!result.ok) return;
      done += 1;
      for (const want of wants) expect(hasYaml(result.value, [want])).toBe(true);
      expect(edited(result.value, wants)).toBe(result.value);
      expect(withoutYaml(result.value, wants)).toBe(before);
    }),
    { numRuns: 250 },
  );
  expect(done).toBeGreaterThan(60);
}, 60_000);
