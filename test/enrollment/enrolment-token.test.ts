import { expect, test } from "vitest";
import { parseToken, renderToken, type EnrolmentToken } from "../../src/enrollment/enrolment-token.ts";

const NOW = Date.UTC(2026, 0, 1);
const token: EnrolmentToken = {
  version: 1,
  registry: "devregistry",
  address: "10.10.62.103",
  fingerprints: [`sha256:${"ab".repeat(32)}`, `spki:${"cd".repeat(32)}`],
  username: "xl",
  realms: ["auth.example.com"],
  expires: "2026-01-02T00:00:00.000Z",
};
const line = renderToken(token);

test.each([
  ["as printed", line],
  ["with a line end", `${line}\r\n`],
  ["with white space around", `  ${line} `],
])("a token is read back: %s", (_, text) => {
  expect(parseToken(text, NOW)).toEqual({ ok: true, value: token });
});

test("a token is one line that can be pasted anywhere", () => {
  expect(line).toMatch(/^regclient1\.[A-Za-z0-9_-]+\.[0-9a-f]{8}$/);
});

const [prefix, body = "", sum] = line.split(".");
const wrap = (value: unknown): string => renderToken(value as EnrolmentToken);

test.each([
  ["nothing", "", "it does not begin with regclient1."],
  ["something else", "eyJhIjoxfQ", "it does not begin with regclient1."],
  ["of a later version", `regclient2.${body}.${sum}`, "it does not begin with regclient1."],
  ["cut short", line.slice(0, -9), "a part of it is missing or was changed on the way"],
  ["cut in the middle", `${prefix}.${body.slice(4)}.${sum}`, "a part of it is missing or was changed on the way"],
  ["with more after it", `${line}.x`, "a part of it is missing or was changed on the way"],
  ["of another shape", wrap({ version: 1 }), /^registry: /],
  ["with no fingerprint", wrap({ ...token, fingerprints: [] }), /^fingerprints: /],
  ["with a key that is not known", wrap({ ...token, password: "x" }), /Unrecognized key/],
  ["too long", `regclient1.${"a".repeat(20_000)}`, "it is longer than 16 KiB"],
  [
    "out of date",
    wrap({ ...token, expires: "2025-12-31T23:59:59.000Z" }),
    "it could be used until 2025-12-31T23:59:59.000Z",
  ],
  [
    "ending now",
    wrap({ ...token, expires: "2026-01-01T00:00:00.000Z" }),
    "it could be used until 2026-01-01T00:00:00.000Z",
  ],
])("no token: %s", (_, text, reason) => {
  const read = parseToken(text, NOW);
  expect(read.ok).toBe(false);
  if (read.ok) return;
  expect(read.problem.code).toBe("RC-CFG-020");
  expect(read.problem.exit).toBe(2);
  const said = read.problem.summary.replace("the enrollment token cannot be used: ", "");
  if (typeof reason === "string") expect(said).toBe(reason);
  else expect(said).toMatch(reason);
});
