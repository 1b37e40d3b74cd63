import * as fc from "fast-check";
import { expect, test } from "vitest";
import { imageReference, looksLikeHubNamespace, parseRegistryName } from "../../src/registry/name.ts";
import { valueOf } from "../support/registry-client.ts";

test.each([
  ["devregistry", "devregistry", "devregistry:443", ["devregistry", "devregistry:443"], "devregistry:443"],
  ["devregistry:443", "devregistry", "devregistry:443", ["devregistry", "devregistry:443"], "devregistry:443"],
  ["devregistry:5000", "devregistry:5000", "devregistry:5000", ["devregistry:5000"], "devregistry:5000"],
  [
    "reg.example.org",
    "reg.example.org",
    "reg.example.org:443",
    ["reg.example.org", "reg.example.org:443"],
    "reg.example.org",
  ],
  [
    "reg.example.org:8443",
    "reg.example.org:8443",
    "reg.example.org:8443",
    ["reg.example.org:8443"],
    "reg.example.org:8443",
  ],
  ["localhost", "localhost", "localhost:443", ["localhost", "localhost:443"], "localhost"],
  ["10.0.0.5", "10.0.0.5", "10.0.0.5:443", ["10.0.0.5", "10.0.0.5:443"], "10.0.0.5"],
  ["10.0.0.5:5000", "10.0.0.5:5000", "10.0.0.5:5000", ["10.0.0.5:5000"], "10.0.0.5:5000"],
  ["[fd00::5]:5000", "[fd00::5]:5000", "[fd00::5]:5000", ["[fd00::5]:5000"], "[fd00::5]:5000"],
  ["[fd00:0:0::5]:443", "[fd00::5]", "[fd00::5]:443", ["[fd00::5]", "[fd00::5]:443"], "[fd00::5]:443"],
  ["a:1", "a:1", "a:1", ["a:1"], "a:1"],
  ["a:65535", "a:65535", "a:65535", ["a:65535"], "a:65535"],
  ["a:00443", "a", "a:443", ["a", "a:443"], "a:443"],
  [
    "xn--bcher-kva.test",
    "xn--bcher-kva.test",
    "xn--bcher-kva.test:443",
    ["xn--bcher-kva.test", "xn--bcher-kva.test:443"],
    "xn--bcher-kva.test",
  ],
  ["1.test", "1.test", "1.test:443", ["1.test", "1.test:443"], "1.test"],
] as const)("%s is a registry", (text, key, authority, aliases, referencePrefix) => {
  const name = valueOf(parseRegistryName(text));
  expect(name).toMatchObject({ key, authority, aliases, referencePrefix });
  expect(imageReference(name, "team/app")).toBe(`${referencePrefix}/team/app`);
  expect(valueOf(parseRegistryName(name.key))).toEqual(name);
});

test.each([
  ["", "empty"],
  ["https://devregistry", "scheme"],
  ["HTTP://devregistry", "scheme"],
  ["oci://devregistry", "scheme"],
  ["devregistry/", "path"],
  ["devregistry/v2/", "path"],
  ["../etc", "path"],
  ["..", "two dots"],
  [".", "label"],
  ["xl@devregistry", "user name"],
  ["DevRegistry", "uppercase"],
  ["*.example.org", "wildcard"],
  ["a..b", "two dots"],
  [".a", "label"],
  ["a.", "label"],
  ["-a", "label"],
  ["a-", "label"],
  ["a_b", "label"],
  ["bücher.test", "label"],
  ["a b", "space"],
  [" a", "space"],
  ["a\n", "control"],
  ["a\u0000", "control"],
  ["a\u001b[31m", "control"],
  ["a\u00a0b", "space"],
  ["a\u202eb", "label"],
  [`${"a".repeat(64)}.test`, "label"],
  [Array.from({ length: 130 }, () => "a").join("."), "253"],
  ["docker.io", "Docker Hub"],
  ["docker.io:443", "Docker Hub"],
  ["index.docker.io", "Docker Hub"],
  ["registry-1.docker.io", "Docker Hub"],
  ["registry.hub.docker.com", "Docker Hub"],
  ["a:", "port"],
  ["a:0", "port"],
  ["a:65536", "port"],
  ["a:99999", "port"],
  ["a:000443", "port"],
  ["a:+1", "port"],
  ["a:1:2", "port"],
  ["a:https", "port"],
  ["fd00::5", "brackets"],
  ["[fd00::5", "brackets"],
  ["[fd00::5]x", "brackets"],
  ["[10.0.0.5]:5000", "brackets"],
  ["[fe80::1%eth0]:5000", "brackets"],
  ["[]:5000", "brackets"],
  ["1.2.3", "IPv4"],
  ["1.2.3.4.5", "IPv4"],
  ["256.0.0.1", "IPv4"],
  ["0.0.0.0:5000", "unspecified"],
  ["[::]:5000", "unspecified"],
  ["[0:0::0]:5000", "unspecified"],
  ["[::ffff:0.0.0.0]:5000", "unspecified"],
])("%j is refused, and why", (text, why) => {
  const name = parseRegistryName(text);
  expect(name).toMatchObject({ ok: false, problem: { code: "RC-NAM-001", exit: 2 } });
  expect(name.ok ? "" : name.problem.cause).toContain(why);
});

test.each([
  ["devregistry", true],
  ["devregistry:443", true],
  ["localhost", false],
  ["reg.test", false],
  ["[fd00::5]", false],
])("%s alone before a slash is a Docker Hub namespace: %j", (text, is) => {
  expect(looksLikeHubNamespace(valueOf(parseRegistryName(text)))).toBe(is);
});

test("no text makes it throw, and whatever is taken is safe as a file name and stands for itself", () => {
  const piece = fc.constantFrom("a", "1", ".", "-", ":", "[", "]", "/", "443", "fd00::", "::1", "docker.io", "A", "\n");
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 8 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (given) => {
      const name = parseRegistryName(given);
      if (!name.ok) return;
      const { key, aliases, authority } = name.value;
      expect(valueOf(parseRegistryName(key))).toEqual(name.value);
      for (const each of [key, authority, ...aliases]) expect(each).toMatch(/^[a-z0-9.:[\]-]+$/);
      expect([".", ".."]).not.toContain(key);
    }),
    { numRuns: 500 },
  );
});
