import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  foreignLines,
  linesNaming,
  readHostsLines,
  withAlias,
  withoutAlias,
  type Alias,
} from "../../src/hosts/hosts-file.ts";

const reg: Alias = { owner: "devregistry", host: "devregistry", address: "10.10.62.103" };
const second: Alias = { owner: "other.test:5000", host: "other.test", address: "fd00::5" };
const third: Alias = { owner: "third", host: "third", address: "192.0.2.7" };

const BEGIN = "# BEGIN regclient: aliases of enrolled registries, kept by regclient";
const JOINED = `${BEGIN} (this block began with a new line)`;
const LINE = "10.10.62.103\tdevregistry\t# registry devregistry";

function addressesOf(text: string, host: string): readonly string[] {
  return linesNaming(text, host).map((line) => line.address);
}

test.each([
  ["an empty file", "", `${BEGIN}\n${LINE}\n# END regclient\n`],
  ["a usual file", "127.0.0.1 localhost\n", `127.0.0.1 localhost\n${BEGIN}\n${LINE}\n# END regclient\n`],
  ["no final newline", "127.0.0.1 localhost", `127.0.0.1 localhost\n${JOINED}\n${LINE}\n# END regclient\n`],
  ["CRLF", "127.0.0.1 localhost\r\n", `127.0.0.1 localhost\r\n${BEGIN}\r\n${LINE}\r\n# END regclient\r\n`],
  ["CRLF, no final newline", "a\r\nb", `a\r\nb\r\n${JOINED}\r\n${LINE}\r\n# END regclient\r\n`],
])("the alias goes at the end of %s, and nothing else changes", (_, before, after) => {
  expect(withAlias(before, reg)).toBe(after);
  expect(withoutAlias(after, reg.owner)).toBe(before);
});

test("a new address replaces the old one in its place", () => {
  const both = withAlias(withAlias("", reg), second);
  const moved = withAlias(both, { ...reg, address: "10.0.0.9" });
  expect(moved).toBe(both.replace("10.10.62.103", "10.0.0.9"));
});

test("what stands after the block stays after it", () => {
  const text = `${withAlias("127.0.0.1 localhost\n", reg)}# later\n192.0.2.1 later\n`;
  expect(withoutAlias(text, reg.owner)).toBe("127.0.0.1 localhost\n# later\n192.0.2.1 later\n");
  expect(withAlias(text, second)).toBe(
    text.replace(`${LINE}\n`, `${LINE}\nfd00::5\tother.test\t# registry other.test:5000\n`),
  );
});

test.each([
  ["has no END", `${BEGIN}\n${LINE}\n192.0.2.1 theirs\n`],
  ["has a broken END", `${BEGIN}\n${LINE}\n# END regclient?\n192.0.2.1 theirs\n`],
  ["has an indented END", `${BEGIN}\n${LINE}\n  # END regclient\n192.0.2.1 theirs\n`],
])("a block that %s is not eaten", (_, text) => {
  expect(withoutAlias(text, reg.owner)).toBe(text);
  const added = withAlias(text, reg);
  expect(added.startsWith(text)).toBe(true);
  expect(addressesOf(added, "devregistry")).toContain("10.10.62.103");
  expect(withoutAlias(added, reg.owner)).toBe(text);
});

test("lines of others inside the block are kept when ours goes, to the byte", () => {
  const theirs = "\n192.0.2.1 theirs\r\n  # why\n";
  const text = `${BEGIN}\n${LINE}\n${theirs}# END regclient\n`;
  expect(withoutAlias(text, reg.owner)).toBe(`${BEGIN}\n${theirs}# END regclient\n`);
});

test("the new line that the block began with stays when somebody has written on behind it", () => {
  const text = `${withAlias("127.0.0.1 localhost", reg)}192.0.2.1 later\n`;
  expect(withoutAlias(text, reg.owner)).toBe("127.0.0.1 localhost\n192.0.2.1 later\n");
});

test.each([
  ["10.0.0.1 reg.test", "reg.test", ["10.0.0.1"]],
  ["10.0.0.1 REG.Test", "reg.test", ["10.0.0.1"]],
  ["10.0.0.1 reg.test", "REG.TEST", ["10.0.0.1"]],
  ["10.0.0.1\tother\treg.test # why", "reg.test", ["10.0.0.1"]],
  ["  10.0.0.1   reg.test", "reg.test", ["10.0.0.1"]],
  ["fd00::5 reg.test\r\n10.0.0.1 reg.test\r\n", "reg.test", ["fd00::5", "10.0.0.1"]],
  ["# 10.0.0.1 reg.test", "reg.test", []],
  ["10.0.0.1 other # reg.test", "reg.test", []],
  ["10.0.0 reg.test", "reg.test", []],
  ["10.0.0.1 reg.test.lan", "reg.test", []],
  ["10.0.0.1", "reg.test", []],
])("%j gives %s the addresses %j", (text, host, addresses) => {
  expect(addressesOf(text, host)).toEqual(addresses);
});

test("a line in the block belongs to its registry, and any other to somebody else", () => {
  const text = withAlias("10.9.9.9 DEVREGISTRY\n", reg);
  expect(readHostsLines(text)).toEqual([
    { line: 1, address: "10.9.9.9", names: ["DEVREGISTRY"], owner: undefined },
    { line: 3, address: "10.10.62.103", names: ["devregistry"], owner: "devregistry" },
  ]);
  expect(foreignLines(text, "devregistry").map((line) => line.line)).toEqual([1]);
});

const anyLine = fc.oneof(
  fc.constantFrom(
    "127.0.0.1\tlocalhost",
    "::1 ip6-localhost",
    "# a comment",
    "",
    "10.0.0.1 devregistry",
    "# END",
    "\t",
  ),
  fc.constantFrom("# END regclient", "192.0.2.1 x # registry devregistry", "# BEGIN something else"),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, "")),
);
const hostsText = fc
  .tuple(fc.array(anyLine, { maxLength: 8 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
  .map(([lines, eol, final]) => lines.join(eol) + (final && lines.length > 0 ? eol : ""));

test("an alias that is added and taken away leaves every byte as it was", () => {
  fc.assert(
    fc.property(fc.oneof(hostsText, fc.string({ unit: "binary" })), (text) => {
      expect(withoutAlias(withAlias(text, reg), reg.owner)).toBe(text);
    }),
  );
});

test("three registries may come and go in any order", () => {
  const orders = fc.shuffledSubarray([reg, second, third], { minLength: 3 });
  fc.assert(
    fc.property(hostsText, orders, orders, (text, come, go) => {
      const all = come.reduce(withAlias, text);
      expect(all.startsWith(text)).toBe(true);
      for (const alias of come) expect(addressesOf(all, alias.host)).toContain(alias.address);
      expect(go.reduce((rest, alias) => withoutAlias(rest, alias.owner), all)).toBe(text);
    }),
  );
});

test("adding twice is adding once, and taking away what is not there changes nothing", () => {
  fc.assert(
    fc.property(hostsText, (text) => {
      const once = withAlias(text, reg);
      expect(withAlias(once, reg)).toBe(once);
      expect(withoutAlias(text, reg.owner)).toBe(text);
      expect(withoutAlias(once, second.owner)).toBe(once);
    }),
  );
});

test("whatever blocks stand there already, only the registry's own lines and emptied markers go", () => {
  const markers = fc.constantFrom(BEGIN, JOINED, "# END regclient", "192.0.2.8\tother\t# registry other", "", "x y");
  const isMarker = (line: string): boolean => line === "" || /^# (?:BEGIN regclient:|END regclient)/.test(line);
  const rest = (text: string): readonly string[] => text.split("\n").filter((line) => !isMarker(line));
  fc.assert(
    fc.property(fc.array(markers, { maxLength: 9 }), (lines) => {
      const text = lines.map((line) => `${line}\n`).join("");
      const all = withAlias(text, reg);
      expect(addressesOf(all, reg.host)).toEqual([reg.address]);
      expect(rest(withoutAlias(all, reg.owner))).toEqual(rest(text));
    }),
  );
});
