import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTextfilePart, parseTextfilePath } from "../../../src/daemon/metrics/textfile-part.ts";
import { problem } from "../../../src/findings/problem.ts";
import type { Clock } from "../../../src/host/ports.ts";
import { failure, success, type Result } from "../../../src/result.ts";

const unwritable = failure(problem("RC-HST-031", { path: "/d/r.prom", reason: "no room" }));

/** Sleeps until it is woken or told that the time is up. */
function makeClock(): { readonly clock: Clock; readonly naps: number[]; passTime: () => void } {
  const naps: number[] = [];
  let rise = (): void => undefined;
  const sleep: Clock["sleep"] = async (milliseconds, signal) => {
    naps.push(milliseconds);
    await new Promise<void>((resolve) => {
      rise = resolve;
      if (signal?.aborted === true) resolve();
      signal?.addEventListener("abort", () => resolve());
    });
  };
  return { clock: { now: () => 0, elapsed: () => 0, sleep }, naps, passTime: () => rise() };
}

function setUp(outcomes: Result<void>[] = []) {
  const lines: string[] = [];
  const { clock, naps, passTime } = makeClock();
  const count = { writes: 0 };
  const write = async (): Promise<Result<void>> => {
    count.writes += 1;
    return outcomes.shift() ?? success(undefined);
  };
  const log = (level: string, message: string): void => void lines.push(`${level} ${message}`);
  return { ...createTextfilePart({ path: "/d/r.prom", write, clock, log }), lines, naps, passTime, count };
}

test("the file is written at the beginning, after each pass, and every five minutes", async () => {
  const { part, wake, naps, passTime, count } = setUp();
  const controller = new AbortController();
  const started = await part.start(controller.signal);
  expect(started).toMatchObject({ ok: true, value: { status: "writing metrics to /d/r.prom" } });
  expect(count.writes).toBe(1);
  wake();
  await turn();
  expect(count.writes).toBe(2);
  passTime();
  await turn();
  expect(count.writes).toBe(3);
  wake();
  wake();
  await turn();
  expect(count.writes).toBe(4);
  expect(new Set(naps)).toEqual(new Set([300_000]));
  controller.abort();
  if (started.ok) await started.value.stop(0);
  expect(count.writes).toBe(4);
});

test("a file that cannot be written is told once, and when it can be again", async () => {
  const { part, wake, lines } = setUp([unwritable, unwritable, success(undefined), success(undefined)]);
  const controller = new AbortController();
  const started = await part.start(controller.signal);
  for (let passes = 0; passes < 3; passes++) {
    wake();
    await turn();
  }
  expect(lines).toEqual(["warning the file /d/r.prom cannot be written", "notice the metrics file is written again"]);
  if (started.ok) expect(await started.value.isAlive()).toBe(true);
  controller.abort();
});

test.each([
  ["/var/lib/node_exporter/regclient.prom", "/var/lib/node_exporter/regclient.prom"],
  ["/d//x/../regclient.prom", "/d/regclient.prom"],
])("%s is a path to write to", (path, value) => {
  expect(parseTextfilePath(path)).toEqual({ ok: true, value });
});

test.each([
  ["regclient.prom", "must be absolute"],
  ["/d/regclient.txt", "must end in .prom"],
  ["/d/.prom/", "must end in .prom"],
  ["/d/.prom", "must end in .prom"],
  ["", "must be absolute"],
])("%s is refused", (path, reason) => {
  const refused = parseTextfilePath(path);
  expect(refused).toMatchObject({ ok: false, problem: { code: "RC-CFG-005", exit: 2 } });
  if (!refused.ok) expect(refused.problem.summary).toContain(reason);
});
