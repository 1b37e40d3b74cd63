import fc from "fast-check";
import { expect, test } from "vitest";
import { reveal, secret } from "../../src/credentials/secret.ts";
import {
  parseAnswer,
  parseRequest,
  renderAnswer,
  renderRequest,
  socketLimits,
} from "../../src/credentials/socket-protocol.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

test("what is asked arrives as it was asked", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (server) => {
      expect(parseRequest(bytes(renderRequest(server) ?? ""))).toBe(server);
    }),
  );
});

test("a login arrives as it was kept, whatever its characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (username, password) => {
      const answer = parseAnswer(renderAnswer({ kind: "login", username, secret: secret(password) }));
      expect(answer?.kind === "login" && [answer.username, reveal(answer.secret)]).toEqual([username, password]);
    }),
  );
});

test.each(["not-found", "not-allowed", "unavailable"] as const)("%s arrives with its reason", (error) => {
  const sent = { kind: "error", error, reason: "because\nof this" } as const;
  expect(parseAnswer(renderAnswer(sent))).toEqual(sent);
});

test("an answer shows no secret when it is printed", () => {
  const answer = parseAnswer(renderAnswer({ kind: "login", username: "xl", secret: secret("hunter2") }));
  expect(JSON.stringify(answer)).toContain("[redacted]");
  expect(JSON.stringify(answer)).not.toContain("hunter2");
});

test("no bytes make the parsers throw", () => {
  const nearly = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => bytes(`${text}\n`)),
    fc
      .record({ version: fc.constantFrom(1, 2), get: fc.anything(), username: fc.anything(), error: fc.anything() })
      .map((value) => bytes(`${JSON.stringify(value)}\n`)),
  );
  fc.assert(
    fc.property(nearly, (input) => {
      expect(["string", "undefined"]).toContain(typeof parseRequest(input));
      expect(["login", "error", undefined]).toContain(parseAnswer(input)?.kind);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["nothing", ""],
  ["no end", '{"version":1,"get":"a"}'],
  ["two lines", '{"version":1,"get":"a"}\n{"version":1,"get":"b"}\n'],
  ["something after the line", '{"version":1,"get":"a"}\nx'],
  ["another version", '{"version":2,"get":"a"}\n'],
  ["no version", '{"get":"a"}\n'],
  ["a key too many", '{"version":1,"get":"a","set":"b"}\n'],
  ["a number", '{"version":1,"get":1}\n'],
  ["a list", '[1,"a"]\n'],
  ["null", "null\n"],
  ["inherited keys", '{"version":1,"__proto__":{"get":"a"}}\n'],
])("%s is no request", (_, text) => {
  expect(parseRequest(bytes(text))).toBeUndefined();
});

test("bytes that are no UTF-8 are no request", () => {
  expect(parseRequest(Buffer.from('{"version":1,"get":"\xff"}\n', "latin1"))).toBeUndefined();
});

test("a request ends at 4 KiB, to the byte", () => {
  const room = socketLimits.requestBytes - Buffer.byteLength(renderRequest("") ?? "");
  expect(parseRequest(bytes(renderRequest("x".repeat(room)) ?? ""))).toHaveLength(room);
  expect(renderRequest("x".repeat(room + 1))).toBeUndefined();
  expect(parseRequest(bytes(`{"version":1,"get":"${"x".repeat(room + 1)}"}\n`))).toBeUndefined();
});

test("a login that does not fit into an answer is said to be unavailable", () => {
  const answer = renderAnswer({ kind: "login", username: "xl", secret: secret("x".repeat(socketLimits.answerBytes)) });
  expect(parseAnswer(answer)).toMatchObject({ kind: "error", error: "unavailable" });
});
