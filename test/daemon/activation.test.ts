import { expect, test } from "vitest";
import { findPassedSocket } from "../../src/daemon/activation.ts";

test.each([
  ["nothing passed", {}, undefined],
  ["passed to another process", { LISTEN_PID: "41", LISTEN_FDS: "1" }, undefined],
  ["none", { LISTEN_PID: "42", LISTEN_FDS: "0" }, undefined],
  ["one, unnamed", { LISTEN_PID: "42", LISTEN_FDS: "1" }, 3],
  ["one of another name", { LISTEN_PID: "42", LISTEN_FDS: "1", LISTEN_FDNAMES: "unknown" }, 3],
  ["the second of two", { LISTEN_PID: "42", LISTEN_FDS: "2", LISTEN_FDNAMES: "metrics:credentials" }, 4],
])("%s", (_, environment, expected) => {
  expect(findPassedSocket(environment, 42)).toEqual({ ok: true, value: expected });
});

test.each([
  ["two without names", { LISTEN_PID: "42", LISTEN_FDS: "2" }],
  ["no number", { LISTEN_PID: "42", LISTEN_FDS: "x" }],
  ["less than none", { LISTEN_PID: "42", LISTEN_FDS: "-1" }],
  ["a name more than descriptors", { LISTEN_PID: "42", LISTEN_FDS: "2", LISTEN_FDNAMES: "a:b:credentials" }],
])("%s cannot be used", (_, environment) => {
  expect(findPassedSocket(environment, 42)).toMatchObject({ ok: false, problem: { code: "RC-CRD-021" } });
});
