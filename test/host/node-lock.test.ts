import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { whileLocked } from "../../src/apply/locked.ts";
import { createLock } from "../../src/host/node-lock.ts";
import type { Lock } from "../../src/host/ports.ts";
import { success } from "../../src/result.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeBrokenKeychain } from "../support/fake-keychain.ts";
import { codeOf, valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const keychain = makeBrokenKeychain("none");

async function holdElsewhere(path: string): Promise<ChildProcess> {
  const holder = spawn(process.execPath, ["test/support/lock-holder.ts", path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void holder.kill("SIGKILL"));
  const [first] = (await once(holder.stdout, "data")) as [Buffer];
  expect(first.toString()).toBe("held\n");
  return holder;
}

async function isFree(lock: Lock): Promise<boolean> {
  const attempt = await lock.tryAcquire();
  if (!("release" in attempt)) return false;
  attempt.release();
  return true;
}

test("the lock is one at a time, says who holds it, and can be had again", async () => {
  const path = join(makeScratchRoot(), "run/regclient/lock");
  const first = await createLock(path, "the first").tryAcquire();
  const second = createLock(path, "the second");
  expect(await second.tryAcquire()).toEqual({ heldBy: "the first" });
  if ("release" in first) first.release();
  expect(await isFree(second)).toBe(true);
  expect(await isFree(second)).toBe(true);
});

test("whoever asks in vain in the same process takes nothing from the holder", async () => {
  const path = join(makeScratchRoot(), "run/regclient/lock");
  const lock = createLock(path, "this process");
  const held = await lock.tryAcquire();
  expect(await lock.tryAcquire()).toEqual({ heldBy: "this process" });
  // another process sees what the kernel keeps: there, it must still be held
  const other = spawn(process.execPath, ["test/support/lock-holder.ts", path], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void other.kill("SIGKILL"));
  const [said] = (await once(other.stdout, "data")) as [Buffer];
  expect(said.toString()).toBe("held by this process\n");
  if ("release" in held) held.release();
  expect(await isFree(lock)).toBe(true);
});

test("a killed holder's lock is free at once", async () => {
  const path = join(makeScratchRoot(), "lock");
  const lock = createLock(path, "the second");
  const holder = await holdElsewhere(path);
  expect(await lock.tryAcquire()).toEqual({ heldBy: "process of a test" });
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(await isFree(lock)).toBe(true);
});

test("work that waits begins when the holder is killed", async () => {
  const root = makeScratchRoot();
  const holder = await holdElsewhere(join(root, "run/regclient/lock"));
  const fake = makeFakeHost({ root });
  const clock = { ...fake.clock, sleep: async (ms: number) => void (await wait(ms)) };
  const events: string[] = [];
  const watch = {
    waiting: (heldBy: string): void => {
      events.push(`waiting for ${heldBy}`);
      holder.kill("SIGKILL");
    },
    recovered: (): void => void events.push("recovered"),
  };
  const work = async () => success(events.push("worked"));
  valueOf(await whileLocked({ host: { ...fake, clock }, keychain }, 60_000, watch, work));
  expect(events).toEqual(["waiting for process of a test", "worked"]);
});

test("a lock that stays held is a problem with exit code 8, and nothing was done", async () => {
  const root = makeScratchRoot();
  const host = makeFakeHost({ root });
  const held = await createLock(join(root, "run/regclient/lock"), "another").tryAcquire();
  const watch = { waiting: () => undefined, recovered: () => undefined };
  const result = await whileLocked({ host, keychain }, 2000, watch, async () => success("worked"));
  expect(codeOf(result)).toBe("RC-LCK-001");
  expect(result).toMatchObject({ problem: { exit: 8, evidence: ["held by another"] } });
  expect(host.clock.elapsed()).toBe(2000);
  if ("release" in held) held.release();
  expect(snapshotTree(root)).toEqual({});
});

test("a lock that cannot be made is a problem, not a crash", async () => {
  const root = makeScratchRoot({ "/run": "a file" });
  const watch = { waiting: () => undefined, recovered: () => undefined };
  const result = await whileLocked({ host: makeFakeHost({ root }), keychain }, 0, watch, async () => success(1));
  expect(codeOf(result)).toBe("RC-HST-009");
});
