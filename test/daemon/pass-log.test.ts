import { expect, test } from "vitest";
import { createPassLog } from "../../src/daemon/pass-log.ts";
import type { PassedRegistry, PassReport } from "../../src/daemon/pass-report.ts";
import { problem, type Problem } from "../../src/findings/problem.ts";
import { failure, success } from "../../src/result.ts";

const DAY = 86_400_000;
const silent = problem("RC-NET-018", { host: "devregistry" });
const unknown = problem("RC-NET-001", { host: "devregistry" });
const strange = problem("RC-TRU-013", { name: "devregistry", held: "sha256:aa", seen: "sha256:bb" });

/** A log of passes on a clock that the test moves. */
function makeLog() {
  const lines: string[] = [];
  let now = 1_800_000_000_000;
  const tell = createPassLog(
    (level, message, fields = {}) => {
      const { registry: _registry, cause: _cause, ...rest } = fields;
      lines.push([level, message, ...Object.entries(rest).map(([key, value]) => `${key}=${value}`)].join(" "));
    },
    () => now,
  );
  const report = (result: PassReport["result"], more: Partial<PassReport> = {}): void =>
    tell({
      registry: "devregistry",
      wake: "schedule",
      startedAt: now,
      tookMs: 12.4,
      nextAt: now + 30_000,
      ...more,
      result,
    });
  return {
    lines,
    pass: (ms: number) => void (now += ms),
    ok: (passed: Partial<PassedRegistry> = {}, more: Partial<PassReport> = {}) =>
      report(success({ healed: [], anchors: [], leaf: undefined, pending: [], ...passed }), more),
    bad: (wrong: Problem, more: Partial<PassReport> = {}) => report(failure(wrong), more),
    now: () => now,
  };
}

test("what is as declared is no line", () => {
  const { lines, ok } = makeLog();
  ok();
  expect(lines).toEqual([]);
});

test("what was put right is a notice with its paths", () => {
  const { lines, ok } = makeLog();
  ok({ healed: ["/etc/hosts", "/root/.docker/config.json"] }, { wake: "change" });
  ok({ healed: ["/etc/hosts"], isFirst: true }, { wake: "start" });
  expect(lines).toEqual([
    "notice put right paths=/etc/hosts,/root/.docker/config.json wake=change ms=12",
    "notice enrolled paths=/etc/hosts wake=start ms=12",
  ]);
});

test("a failure is a warning at first and when it becomes another, then for the record, and its end is a notice", () => {
  const { lines, ok, bad, pass } = makeLog();
  for (const wrong of [silent, silent, unknown]) {
    bad(wrong);
    pass(60_000);
  }
  ok({}, { scope: "host" });
  ok();
  ok();
  expect(lines).toEqual([
    "warning no name server answers for devregistry code=RC-NET-018 failures=1 next-s=30",
    "info no name server answers for devregistry code=RC-NET-018 failures=2 next-s=30",
    "warning no address is known for devregistry code=RC-NET-001 failures=3 next-s=30",
    "notice well again failures=3 seconds=180",
  ]);
});

test("what waits for a person is a warning once, at each change, and once a day", () => {
  const { lines, bad, pass } = makeLog();
  const waiting = (...pending: readonly string[]): void => bad(strange, { recorded: { anchors: [], pending } });
  waiting("sha256:bb");
  waiting("sha256:bb");
  waiting("sha256:bb", "sha256:cc");
  pass(DAY);
  waiting("sha256:bb", "sha256:cc");
  waiting("sha256:bb", "sha256:cc");
  expect(lines.map((line) => line.split(" ")[0])).toEqual(["warning", "info", "warning", "warning", "info"]);
  expect(lines[2]).toContain("pending=sha256:bb,sha256:cc");
});

test.each([
  ["a year's certificate, 15 days before its end", 365, 15, false],
  ["a year's certificate, 13 days before its end", 365, 13, true],
  ["a day's certificate, 8 hours before its end", 1, 1 / 3, false],
  ["a day's certificate, 4 hours before its end", 1, 1 / 6, true],
  ["one that has ended", 365, -1, true],
])("%s", (_, life, left, isTold) => {
  const { lines, ok, now, pass } = makeLog();
  const notAfter = now() + left * DAY;
  const leaf = { fingerprint: "sha256:aa", notAfter, notBefore: notAfter - life * DAY };
  ok({ leaf, anchors: [leaf] });
  ok({ leaf, anchors: [leaf] });
  const what = left < 0 ? "a certificate has ended" : "a certificate ends soon";
  const line = `warning ${what} fingerprint=sha256:aa until=${new Date(notAfter).toISOString()}`;
  expect(lines).toEqual(isTold ? [line] : []);
  pass(DAY);
  ok({ leaf });
  expect(lines.length > (isTold ? 1 : 0)).toBe(isTold || left - 1 < Math.min(14, life / 5));
});
