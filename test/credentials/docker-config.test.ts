import * as fc from "fast-check";
import { expect, test } from "vitest";
import { planText } from "../../src/cli/output/plan-text.ts";
import { createPainter } from "../../src/cli/output/paint.ts";
import { readDockerConfig, withHelper, withoutHelper } from "../../src/credentials/docker-config.ts";
import { recordOrigin, revertToOrigin } from "../../src/enrollment/origin.ts";
import { codeOf, valueOf } from "../support/registry-client.ts";

const want = { serverNames: ["devregistry", "devregistry:443"], helper: "regclient", defaultStore: "secretservice" };
const names = want.serverNames;
const owner = { mode: 0o600, uid: 0, gid: 0 };

test.each([
  [
    "an empty file",
    "",
    '{\n\t"credHelpers": {\n\t\t"devregistry": "regclient",\n\t\t"devregistry:443": "regclient"\n\t},\n\t"credsStore": "secretservice"\n}\n',
  ],
  [
    "unknown keys, with two spaces",
    '{\n  "zeta": [1, 2],\n  "auths": {\n    "x": {}\n  },\n  "alpha": null\n}\n',
    '{\n  "zeta": [1, 2],\n  "auths": {\n    "x": {}\n  },\n  "alpha": null,\n  "credHelpers": {\n    "devregistry": "regclient",\n    "devregistry:443": "regclient"\n  }\n}\n',
  ],
  [
    "one line",
    '{"auths":{"x":{}}}',
    '{"auths":{"x":{}},"credHelpers": {"devregistry":"regclient","devregistry:443": "regclient"}}',
  ],
  [
    "helpers of others",
    '{\n\t"credHelpers": {\n\t\t"a.test": "pass"\n\t}\n}',
    '{\n\t"credHelpers": {\n\t\t"a.test": "pass",\n\t\t"devregistry": "regclient",\n\t\t"devregistry:443": "regclient"\n\t}\n}',
  ],
  [
    "another helper for the registry",
    '{"credHelpers":{"devregistry":"pass","devregistry:443":"pass"}}',
    '{"credHelpers":{"devregistry":"regclient","devregistry:443":"regclient"}}',
  ],
  [
    "CRLF",
    '{\r\n  "psFormat": "x"\r\n}\r\n',
    '{\r\n  "psFormat": "x",\r\n  "credHelpers": {\r\n    "devregistry": "regclient",\r\n    "devregistry:443": "regclient"\r\n  },\r\n  "credsStore": "secretservice"\r\n}\r\n',
  ],
])("the helper goes into %s", (_, before, after) => {
  expect(withHelper(before, want)).toBe(after);
  expect(withHelper(after, want)).toBe(after);
});

test.each([
  ["nothing", "{}", "secretservice"],
  ["only keys that say nothing of credentials", '{"psFormat":"x"}', "secretservice"],
  ["empty records", '{"auths":{},"credHelpers":{}}', "secretservice"],
  ["a store that somebody left empty", '{"auths":{},"credsStore":""}', undefined],
  ["a login", '{"auths":{"x":{}}}', undefined],
  ["another helper", '{"credHelpers":{"x":"pass"}}', undefined],
  ["another store", '{"credsStore":"pass"}', "pass"],
])("a file with %s gets or keeps the default store", (_, before, store) => {
  const after = withHelper(before, want);
  expect(valueOf(readDockerConfig(after, "x")).credsStore).toBe(store);
  const bare = withoutHelper(after, names, "regclient", "secretservice");
  expect(valueOf(readDockerConfig(bare, "x")).credsStore).toBe(store === "secretservice" ? undefined : store);
});

test("the default store stays while one entry needs it, and when somebody has changed it", () => {
  const both = withHelper(withHelper("{}", want), { ...want, serverNames: ["other:5000"] });
  const one = withoutHelper(both, names, "regclient", "secretservice");
  expect(JSON.parse(one)).toEqual({ credHelpers: { "other:5000": "regclient" }, credsStore: "secretservice" });
  const changed = withHelper("{}", want).replace("secretservice", "pass");
  expect(JSON.parse(withoutHelper(changed, names, "regclient", "secretservice"))).toEqual({ credsStore: "pass" });
});

test("an entry that now names another helper is not taken away", () => {
  const theirs = '{"credHelpers":{"devregistry":"pass","devregistry:443":"regclient"}}';
  expect(withoutHelper(theirs, names, "regclient")).toBe('{"credHelpers":{"devregistry":"pass"}}');
});

test.each([
  ["not JSON", "{", "RC-CFG-003"],
  ["a comment", "{} // why", "RC-CFG-003"],
  ["a trailing comma", '{"a":1,}', "RC-CFG-003"],
  ["an array", "[]", "RC-CFG-003"],
  ["null", "null", "RC-CFG-003"],
  ["JSON of 100000 levels", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "RC-CFG-003"],
  ["the same, unfinished, behind a broken string", `{"a\n${'{"a":'.repeat(100_000)}`, "RC-CFG-003"],
  ["JSON of 1001 levels", `{"a":${"[".repeat(1000)}${"]".repeat(1000)}}`, "RC-CFG-003"],
])("%s is refused", (_, text, code) => {
  expect(codeOf(readDockerConfig(text, "/root/.docker/config.json"))).toBe(code);
});

test.each([
  ['{\n\t"auths": {\n\t\t"x": {\n\t\t\t"auth": "c2VjcmV0OnNlY3JldA=="\n\t\t}\n\t}\n}\n'],
  ['{"auths":{"x":{"auth":"c2VjcmV0OnNlY3JldA=="}}}'],
  ['{ "auths" : { "x" : { "identitytoken" : "c2VjcmV0OnNlY3JldA==" } } }'],
  ['{"auths":{"x":{"auth" :\n "c2VjcmV0OnNlY3JldA=="}}}'],
  ['{"HttpHeaders":{"X-Meta-Auth":"a \\"c2VjcmV0OnNlY3JldA==\\""}}'],
])("a login in %j shows neither in the plan nor in the record of how the file was", (before) => {
  const after = Buffer.from(withHelper(before, want));
  const change = {
    kind: "file",
    path: "/root/.docker/config.json",
    before: { bytes: Buffer.from(before), ...owner },
    after: { bytes: after, ...owner },
    purpose: "credential helper",
    internal: false,
  } as const;
  const origin = JSON.stringify(recordOrigin(change.path, change.before, after));
  expect(planText([change], createPainter(false))).not.toContain("c2VjcmV0");
  expect(origin).not.toContain("c2VjcmV0");
  expect(origin).not.toContain(Buffer.from("c2VjcmV0").toString("base64").slice(0, 8));
});

test("1000 levels are read, and edited", () => {
  const deep = `{"a":${"[".repeat(999)}"[{"${"]".repeat(999)}}`;
  expect(valueOf(readDockerConfig(deep, "x")).auths).toEqual({});
  expect(withoutHelper(withHelper(deep, want), names, "regclient", "secretservice")).toBe(deep);
});

const plainKey = fc.constantFrom("auths", "psFormat", "a.test", "HttpHeaders", "x");
const anyJson = fc.dictionary(plainKey, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
const helpers = fc.dictionary(fc.constantFrom("a.test", "devregistry:5000", ""), fc.constantFrom("pass", "ecr-login"));
const config = fc
  .record({ base: anyJson, credHelpers: fc.option(helpers), credsStore: fc.option(fc.constantFrom("", "pass")) })
  .map(({ base, credHelpers, credsStore }) => ({
    ...base,
    ...(credHelpers && { credHelpers }),
    ...(credsStore !== null && { credsStore }),
  }));
const layout = fc.constantFrom(undefined, 1, 2, 4, 8, "\t", "\t\t");
const configText = fc
  .tuple(config, layout, fc.constantFrom("", "\n", "\r\n"), fc.boolean())
  .map(([value, indent, final, crlf]) => {
    const text = JSON.stringify(value, undefined, indent) + final;
    return crlf ? text.replaceAll(/\r?\n/g, "\r\n") : text;
  });

test("whatever the file holds and however it is written, the helper is in it and all else is as before", () => {
  fc.assert(
    fc.property(configText, (text) => {
      const after = withHelper(text, want);
      const { credHelpers, credsStore, ...rest } = JSON.parse(after) as Record<string, Record<string, string>>;
      const { credHelpers: helpersBefore, credsStore: storeBefore, ...before } = JSON.parse(text) as typeof rest;
      expect(credHelpers).toEqual({ ...helpersBefore, devregistry: "regclient", "devregistry:443": "regclient" });
      expect(rest).toEqual(before);
      if (storeBefore) expect(credsStore).toBe(storeBefore);
      expect(withHelper(after, want)).toBe(after);
      const bare = JSON.parse(withoutHelper(after, names, "regclient", "secretservice")) as typeof rest;
      expect({ ...bare, credHelpers: bare["credHelpers"] ?? {}, credsStore: bare["credsStore"] || undefined }).toEqual({
        ...before,
        credHelpers: helpersBefore ?? {},
        credsStore: storeBefore || undefined,
      });
    }),
  );
});

test("no value that stood in the file before is in the record of the edit", () => {
  const secretValue = fc.constantFrom("s3cr3t-1-abcdef", { Authorization: "s3cr3t-2-abcdef" });
  const keys = fc.shuffledSubarray(["credHelpers", "auths", "HttpHeaders", "credsStore", "x"], { minLength: 1 });
  const values = { credHelpers: {}, auths: {}, credsStore: "" };
  fc.assert(
    fc.property(keys, secretValue, layout, (order, value, indent) => {
      const object = Object.fromEntries(order.map((key) => [key, { x: value, HttpHeaders: value, ...values }[key]]));
      const before = JSON.stringify(object, undefined, indent);
      const { patch } = recordOrigin(
        "/x",
        { bytes: Buffer.from(before), ...owner },
        Buffer.from(withHelper(before, want)),
      );
      expect(Buffer.from(patch.removed, "base64").toString()).not.toContain("s3cr3t");
    }),
  );
});

test("an edit takes back every byte by its record, in any encoding", () => {
  const bytes = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(bytes, bytes, bytes, bytes, (head, tail, old, fresh) => {
      const before = { bytes: Buffer.concat([head, old, tail]), ...owner };
      const after = Buffer.concat([head, fresh, tail]);
      const origin = recordOrigin("/x", before, after);
      expect(revertToOrigin(origin, { ...before, bytes: after })).toEqual(before);
    }),
  );
});

test("the helper's edit takes back every byte by its record", () => {
  fc.assert(
    fc.property(configText, (text) => {
      const before = { bytes: Buffer.from(text), ...owner };
      const after = Buffer.from(withHelper(text, want));
      const origin = recordOrigin("/x", before, after);
      expect(revertToOrigin(origin, { ...before, bytes: after })).toEqual(before);
    }),
  );
});

test("a file that was not there is not there again", () => {
  const origin = recordOrigin("/x", undefined, Buffer.from("{}"));
  expect(revertToOrigin(origin, { bytes: Buffer.from("{}"), ...owner })).toBe(undefined);
});
