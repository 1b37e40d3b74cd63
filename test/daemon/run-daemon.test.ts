import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { runDaemon, type DaemonPart, type DaemonWorld } from "../../src/daemon/run-daemon.ts";
import { problem } from "../../src/findings/problem.ts";
import { failure, success } from "../../src/result.ts";

/** A world whose time passes by itself, until `sleeps` naps are over. */
function makeWorld(sleeps: number, watchdogUsec?: number) {
  const told: string[] = [];
  const logged: string[] = [];
  const naps: number[] = [];
  const reloads: (() => void)[] = [];
  const controller = new AbortController();
  const world: DaemonWorld = {
    clock: {
      now: () => 0,
      elapsed: () => 0,
      sleep: async (milliseconds) => {
        naps.push(milliseconds);
        if (naps.length >= sleeps) controller.abort();
        await turn();
      },
    },
    log: (level, message) => void logged.push(`${level} ${message}`),
    notify: (message) => void told.push(message),
    watchdogUsec,
    signal: controller.signal,
    onReload: (listener) => void reloads.push(listener),
    monotonicUsec: () => 4711n,
  };
  return { world, told, logged, naps, controller, reloads };
}

function makePart(name: string, events: string[], alive: () => boolean = () => true): DaemonPart {
  return {
    name,
    start: async () => {
      events.push(`${name} started`);
      return success({
        status: `doing ${name}`,
        isAlive: async () => alive(),
        stop: async () => void events.push(`${name} stopped`),
      });
    },
  };
}

test("parts run side by side, and systemd is told when they do and when they stop", async () => {
  const events: string[] = [];
  const { world, told, controller } = makeWorld(0);
  const running = runDaemon([makePart("one", events), makePart("two", events)], world);
  await turn();
  expect(told).toEqual(["READY=1\nSTATUS=doing one; doing two"]);
  controller.abort();
  expect(await running).toEqual({ ok: true, value: undefined });
  expect(told[1]).toBe("STOPPING=1\nSTATUS=stopping");
  expect(events).toEqual(["one started", "two started", "one stopped", "two stopped"]);
});

test("a part that cannot begin stops the others, and nobody is told that all is ready", async () => {
  const events: string[] = [];
  const wrong = problem("RC-CRD-021", { reason: "none" });
  const { world, told } = makeWorld(0);
  const ended = await runDaemon([makePart("one", events), { name: "two", start: async () => failure(wrong) }], world);
  expect(ended).toEqual({ ok: false, problem: wrong });
  expect(events).toEqual(["one started", "one stopped"]);
  expect(told).toEqual([]);
});

test("the watchdog is fed at half its time, while every part gets on", async () => {
  const { world, told, naps } = makeWorld(3, 30_000_000);
  await runDaemon([makePart("one", [])], world);
  expect(naps).toEqual([15_000, 15_000, 15_000]);
  expect(told.filter((message) => message === "WATCHDOG=1")).toHaveLength(3);
});

test("a part that is stuck feeds no watchdog, and the log says which", async () => {
  const { world, told, logged } = makeWorld(3, 30_000_000);
  let looks = 0;
  await runDaemon([makePart("one", []), makePart("two", [], () => ++looks < 2)], world);
  expect(told.filter((message) => message === "WATCHDOG=1")).toHaveLength(1);
  expect(logged).toContain("error no sign of life for systemd, because a part is stuck");
});

test("a part that cannot be stopped keeps no other from stopping", async () => {
  const events: string[] = [];
  const { world, controller } = makeWorld(0);
  const stubborn: DaemonPart = {
    name: "stubborn",
    start: async () =>
      success({ status: "", isAlive: async () => true, stop: async () => Promise.reject(new Error("no")) }),
  };
  controller.abort();
  expect(await runDaemon([stubborn, makePart("one", events)], world)).toMatchObject({ ok: true });
  expect(events).toEqual(["one started", "one stopped"]);
});

test("a reload is told to systemd with its time, and the daemon is ready again, even with a wrong file", async () => {
  const { world, told, logged, controller, reloads } = makeWorld(0);
  const wrong = problem("RC-CFG-025", { where: "/etc/regclient/daemon.yaml:3: reconcile.interval", reason: "no" });
  const outcomes = [success(undefined), failure(wrong)];
  const part: DaemonPart = {
    name: "one",
    start: async () =>
      success({
        status: "doing one",
        isAlive: async () => true,
        reload: async () => outcomes.shift() ?? success(undefined),
        stop: async () => undefined,
      }),
  };
  const running = runDaemon([part, makePart("two", [])], world);
  await turn();
  const reloading = "RELOADING=1\nMONOTONIC_USEC=4711\nSTATUS=reading the configuration again";
  const ready = "READY=1\nSTATUS=doing one; doing two";
  for (let count = 0; count < 2; count++) {
    for (const listener of reloads) listener();
    await turn();
  }
  expect(told).toEqual([ready, reloading, ready, reloading, ready]);
  const words = "the daemon's settings are wrong at /etc/regclient/daemon.yaml:3: reconcile.interval";
  expect(logged.slice(-2)).toEqual(["notice reloaded", `error ${words}; nothing of it was taken over`]);
  controller.abort();
  await running;
  for (const listener of reloads) listener();
  expect(told.at(-1)).toBe("STOPPING=1\nSTATUS=stopping");
});
