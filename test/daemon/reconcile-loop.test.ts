import { describe, expect, onTestFinished, test } from "vitest";
import type { LoopParts } from "../../src/daemon/loop-state.ts";
import { problem } from "../../src/findings/problem.ts";
import { failure, success } from "../../src/result.ts";
import { startLooping, unchanged, type Looping } from "./looping.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const down = failure(problem("RC-NET-018", { host: "a" }));

function looping(declared: readonly string[], parts: Partial<LoopParts> = {}, yaml = ""): Looping {
  const started = startLooping(declared, parts, yaml);
  onTestFinished(async () => {
    await Promise.all([started.loop.stop(1000), started.clock.pass(1000)]);
    await started.ended;
  });
  return started;
}

/** A pass that never comes back by itself, but heeds its signal. */
async function hang(_key: string, signal: AbortSignal): Promise<typeof down> {
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  return down;
}

test("at the start the host is put right at once, and the registries are asked a little later", async () => {
  const { clock, done, reports } = looping(["a", "b"]);
  await clock.pass(0);
  expect(done).toEqual(["heal a", "heal b"]);
  await clock.pass(5 * SECOND);
  expect(done).toEqual(["heal a", "heal b", "follow a", "follow b"]);
  expect(reports.map(({ registry, wake, scope }) => [registry, wake, scope])).toEqual([
    ["a", "start", "registry"],
    ["b", "start", "registry"],
  ]);
  // the second time at a random moment of the interval, then by it
  expect(reports[0]?.nextAt).toBe(clock.now() + 7.5 * MINUTE);
  await clock.pass(7.5 * MINUTE);
  expect(reports.findLast(({ registry }) => registry === "a")?.nextAt).toBe(clock.now() + 15 * MINUTE);
  expect(done.filter((each) => each === "follow a")).toHaveLength(2);
  expect(reports.at(-1)).toMatchObject({ wake: "schedule" });
});

test("a registry that hangs disturbs no other, is ended at its bound, and asked less and less often", async () => {
  const follow: LoopParts["follow"] = async (key, signal) => (key === "a" ? hang(key, signal) : success(unchanged));
  const { loop, clock, done, reports } = looping(["a", "b"], { follow }, "passTimeout: 1m");
  await clock.pass(5 * SECOND);
  expect(reports.map(({ registry }) => registry)).toEqual(["b"]);
  loop.wake({ wake: "change", kind: "host" });
  await clock.pass(SECOND);
  expect(done.slice(-2)).toEqual(["heal a", "heal b"]);
  await clock.pass(MINUTE);
  const overdue = reports.find(({ registry }) => registry === "a");
  expect(overdue?.result).toMatchObject({ ok: false, problem: { code: "RC-NET-028" } });
  expect(overdue?.tookMs).toBe(MINUTE);
  expect(loop.isAlive()).toBe(true);
  await clock.pass(60 * MINUTE);
  const began = reports.filter(({ registry }) => registry === "a").map(({ startedAt }) => startedAt);
  const gaps = began.slice(1).map((time, index) => (time - (began[index] ?? 0) - MINUTE) / SECOND);
  expect(gaps.slice(0, 5)).toEqual([22.5, 45, 90, 180, 360]);
  expect(reports.filter(({ registry }) => registry === "b").length).toBeGreaterThanOrEqual(4);
});

test("no more registries are asked at once than may be", async () => {
  let now = 0;
  let most = 0;
  const follow: LoopParts["follow"] = async (key, signal) => {
    most = Math.max(most, ++now);
    await hang(key, signal);
    now--;
    return down;
  };
  const names = Array.from({ length: 20 }, (_, index) => `r${index}`);
  const { clock, reports } = looping(names, { follow }, "atOnce: 3, passTimeout: 10s");
  await clock.pass(80 * SECOND);
  expect(most).toBe(3);
  expect(new Set(reports.map(({ registry }) => registry)).size).toBe(20);
});

test("many changes at once are one pass", async () => {
  const { loop, clock, done } = looping(["a", "b"]);
  await clock.pass(MINUTE);
  done.splice(0);
  for (let count = 0; count < 100; count++) loop.wake({ wake: "change", kind: "host", registries: ["a"] });
  await clock.pass(100);
  expect(done).toEqual([]);
  loop.wake({ wake: "change", kind: "host", registries: ["a"] });
  await clock.pass(SECOND);
  expect(done).toEqual(["heal a"]);
});

test("what may be trusted now is asked about at once; what regclient wrote is put right without asking", async () => {
  const { loop, clock, done } = looping(["a"]);
  await clock.pass(MINUTE);
  done.splice(0);
  loop.wake({ wake: "change", kind: "host" });
  await clock.pass(SECOND);
  loop.wake({ wake: "change", kind: "trust", registries: ["a"] });
  await clock.pass(SECOND);
  expect(done).toEqual(["heal a", "heal a", "follow a"]);
});

test("a reload looks at everything, with other settings if there are any", async () => {
  const { loop, clock, done, reports } = looping(["a", "b"]);
  await clock.pass(MINUTE);
  done.splice(0);
  loop.wake({ wake: "reload", kind: "all" });
  await clock.pass(0);
  expect(done.toSorted()).toEqual(["follow a", "follow b", "heal a", "heal b"]);
  expect(reports.slice(-2).map(({ wake }) => wake)).toEqual(["reload", "reload"]);
});

describe("declarations", () => {
  test("a new one is enrolled at once; one that goes is told once, and nothing more is done for it", async () => {
    const host = { declared: ["a"], enrolled: ["a"] };
    const heal: LoopParts["heal"] = async (key) => success(host.enrolled.includes(key) ? unchanged : undefined);
    const follow: LoopParts["follow"] = async (key) => {
      host.enrolled = [...host.enrolled, key];
      return success({ ...unchanged, healed: ["/etc/hosts"] });
    };
    const { loop, clock, done, logged, listed } = looping(["a"], { list: async () => ({ ...host }), heal, follow });
    await clock.pass(MINUTE);
    host.declared = ["a", "b"];
    loop.wake({ wake: "change", kind: "declaration", registries: ["b"] });
    await clock.pass(SECOND);
    expect(done.slice(-2)).toEqual(["heal b", "follow b"]);
    expect(listed.at(-1)).toEqual(["a", "b"]);
    host.declared = ["a"];
    loop.wake({ wake: "change", kind: "declaration", registries: ["b"] });
    await clock.pass(SECOND);
    done.splice(0);
    await clock.pass(30 * MINUTE);
    expect(done.filter((each) => each.endsWith(" b"))).toEqual([]);
    expect(logged).toEqual(["warning enrolled, but no longer declared: left as it is b"]);
  });

  test("without any event, a new one is found within a minute", async () => {
    const host = { declared: ["a"], enrolled: ["a"] };
    const heal: LoopParts["heal"] = async (key) => success(key === "a" ? unchanged : undefined);
    const { clock, done } = looping(["a"], { list: async () => ({ ...host }), heal });
    await clock.pass(MINUTE / 2);
    host.declared = ["a", "b"];
    await clock.pass(MINUTE);
    expect(done).toContain("follow b");
  });

  test("one that failed is tried again as soon as it is written anew", async () => {
    const { loop, clock, done } = looping(["a"], { follow: async () => down });
    await clock.pass(20 * MINUTE);
    done.splice(0);
    loop.wake({ wake: "change", kind: "declaration", registries: ["a"] });
    await clock.pass(SECOND);
    expect(done.slice(0, 2)).toEqual(["heal a", "follow a"]);
  });
});

describe("reports", () => {
  test("drift that was put right is told with its paths; a pass that found none is not", async () => {
    let healed: readonly string[] = [];
    const { loop, clock, reports } = looping(["a"], { heal: async () => success({ ...unchanged, healed }) });
    await clock.pass(MINUTE);
    reports.splice(0);
    loop.wake({ wake: "change", kind: "host" });
    await clock.pass(SECOND);
    expect(reports).toEqual([]);
    healed = ["/etc/hosts"];
    loop.wake({ wake: "change", kind: "host" });
    await clock.pass(SECOND);
    expect(reports).toMatchObject([{ scope: "host", wake: "change", result: { ok: true, value: { healed } } }]);
  });

  test("a pass by the records keeps the leaf that was seen last", async () => {
    const leaf = { fingerprint: "sha256:00", notAfter: 2_000_000_000_000 };
    const parts: Partial<LoopParts> = {
      follow: async () => success({ ...unchanged, leaf }),
      heal: async () => success({ ...unchanged, healed: ["/etc/hosts"] }),
    };
    const { loop, clock, reports } = looping(["a"], parts);
    await clock.pass(MINUTE);
    loop.wake({ wake: "change", kind: "host" });
    await clock.pass(SECOND);
    expect(reports.at(-1)).toMatchObject({ scope: "host", result: { value: { leaf } } });
  });

  test("a bug in a pass is that registry's failure, and stands in the log", async () => {
    const follow: LoopParts["follow"] = async (key) => {
      if (key === "a") throw new TypeError("x is not a function");
      return success(unchanged);
    };
    const { clock, reports, logged } = looping(["a", "b"], { follow });
    await clock.pass(5 * SECOND);
    expect(reports.map(({ result }) => result.ok).toSorted()).toEqual([false, true]);
    expect(logged).toContain("error TypeError: x is not a function a");
  });
});

test("what something else undoes again and again is put right more slowly, and that is told once", async () => {
  const { loop, clock, done, logged } = looping(["a"], {
    heal: async () => success({ ...unchanged, healed: ["/etc/hosts"] }),
  });
  await clock.pass(0);
  done.splice(0);
  for (let second = 0; second < 120; second++) {
    loop.wake({ wake: "change", kind: "host" });
    await clock.pass(SECOND);
  }
  expect(done.filter((each) => each === "heal a").length).toBeLessThan(15);
  expect(logged).toHaveLength(1);
});

describe("life", () => {
  test("a pass that ignores its end is death", async () => {
    const { loop, clock } = looping(["a"], { follow: async () => new Promise(() => undefined) }, "passTimeout: 1m");
    await clock.pass(5 * SECOND + MINUTE);
    expect(loop.isAlive()).toBe(true);
    await clock.pass(MINUTE);
    expect(loop.isAlive()).toBe(false);
  });

  test("a loop that does not come to its turn is death", async () => {
    let isStuck = false;
    const listed = { declared: ["a"], enrolled: ["a"] };
    const { loop, clock } = startLooping(["a"], {
      list: async () => (isStuck ? new Promise(() => undefined) : listed),
    });
    await clock.pass(MINUTE / 2);
    isStuck = true;
    await clock.pass(MINUTE / 2 + 29 * SECOND);
    expect(loop.isAlive()).toBe(true);
    await clock.pass(2 * SECOND);
    expect(loop.isAlive()).toBe(false);
  });

  test("stopping ends what is under way, and what does not end is not waited for beyond the grace", async () => {
    let ended = 0;
    const follow: LoopParts["follow"] = async (key, signal) => {
      if (key === "deaf") return new Promise(() => undefined);
      await hang(key, signal);
      ended++;
      return down;
    };
    const { loop, clock, reports, ended: over } = startLooping(["a", "deaf"], { follow });
    await clock.pass(5 * SECOND);
    const stopped = loop.stop(SECOND);
    await clock.pass(SECOND);
    await stopped;
    expect(ended).toBe(1);
    expect(reports).toEqual([]);
    await over;
  });
});
