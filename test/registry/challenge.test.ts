import fc from "fast-check";
import { expect, test } from "vitest";
import { parseChallenges } from "../../src/registry/challenge.ts";

const table: readonly (readonly [string, string, readonly unknown[]])[] = [
  ["htpasswd", 'Basic realm="Registry Realm"', [["basic", { realm: "Registry Realm" }]]],
  [
    "harbor",
    'Bearer realm="https://h/service/token",service="harbor-registry"',
    [["bearer", { realm: "https://h/service/token", service: "harbor-registry" }]],
  ],
  [
    "a scope has commas",
    'Bearer realm="https://h/t",scope="repository:a/b:pull,push"',
    [["bearer", { realm: "https://h/t", scope: "repository:a/b:pull,push" }]],
  ],
  [
    "several in one line",
    'Negotiate, Basic realm="a", Bearer realm="b"',
    [
      ["negotiate", {}],
      ["basic", { realm: "a" }],
      ["bearer", { realm: "b" }],
    ],
  ],
  ["any case, any space", 'BASIC \t REALM = "x"', [["basic", { realm: "x" }]]],
  ["escapes", String.raw`Basic realm="a \"b\" \\ c"`, [["basic", { realm: String.raw`a "b" \ c` }]]],
  [
    "token68",
    "Negotiate YIIJ/+0==, Basic realm=x",
    [
      ["negotiate", {}],
      ["basic", { realm: "x" }],
    ],
  ],
  ["a bare URL", "Bearer realm=https://h/t,service=s", [["bearer", { realm: "https://h/t", service: "s" }]]],
  ["empty list elements", ', ,Basic realm="x", ,', [["basic", { realm: "x" }]]],
  ["a second realm", 'Basic realm="a", realm="b"', [["basic", { realm: "a" }]]],
  ["an open quote", 'Basic realm="a', [["basic", {}]]],
  ["a parameter of nothing", 'realm="x"', []],
  ["__proto__", 'Basic __proto__="x"', [["basic", Object.fromEntries([["__proto__", "x"]])]]],
  ["nothing", "", []],
  ["rubbish", "\u0000\u0001(", []],
];

test.each(table)("reads %s", (_, header, expected) => {
  const read = parseChallenges(header).map((one) => [one.scheme, Object.fromEntries(one.parameters)]);
  expect(read).toEqual(expected);
});

test("a missing header has no challenges", () => {
  expect(parseChallenges(undefined)).toEqual([]);
});

test("never throws, and stays within its bounds", () => {
  const pieces = fc.constantFrom('"', "\\", ",", "=", " ", "Basic", "Bearer", "realm", "a68==", "\t", "é", "\n");
  const headers = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 200 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(headers, (header) => {
      const challenges = parseChallenges(header);
      expect(challenges.length).toBeLessThanOrEqual(16);
      for (const { parameters } of challenges) expect(parameters.size).toBeLessThanOrEqual(32);
    }),
  );
});

test("reads back any realm that was quoted", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (realm) => {
      const quoted = realm.replaceAll(/["\\]/g, String.raw`\$&`);
      expect(parseChallenges(`Basic realm="${quoted}"`)[0]?.parameters.get("realm")).toBe(realm);
    }),
  );
});

test.each([
  ["challenges", "Basic, ".repeat(100_000), 16],
  ["one parameter", `Basic realm="${"a".repeat(10_000_000)}"`, 1],
])("a header of endless %s is cut", (_, header, most) => {
  expect(parseChallenges(header).length).toBeLessThanOrEqual(most);
});
