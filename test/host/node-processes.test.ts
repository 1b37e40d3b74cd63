import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProcesses } from "../../src/host/node-processes.ts";
import { makeScratch } from "../../src/host/node-scratch.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

const input = new Uint8Array();
const timeoutMs = 20_000;

test("when all is to stop, only what cleans up is still run", async () => {
  const processes = createProcesses(AbortSignal.abort());
  expect((await processes.run(["true"], { input, timeoutMs })).code).toBeUndefined();
  expect((await processes.run(["true"], { input, timeoutMs, afterStop: true })).code).toBe(0);
});

test("what cleans up is bounded in time all the same", async () => {
  const processes = createProcesses(AbortSignal.abort());
  const { code } = await processes.run(["sleep", "60"], { input, timeoutMs: 50, afterStop: true });
  expect(code).toBeUndefined();
});

test("variables are added to the environment, and none is lost", async () => {
  const processes = createProcesses(new AbortController().signal);
  const { stdout } = await processes.run(["sh", "-c", 'echo "$TMPDIR:$PATH"'], {
    input,
    timeoutMs,
    environment: { TMPDIR: "/x" },
  });
  expect(String(stdout).trim()).toBe(`/x:${process.env["PATH"]}`);
});

test("a private directory is its user's alone, and goes with all that is in it", async () => {
  const scratch = await makeScratch(makeScratchRoot());
  await scratch.write(
    "file",
    (async function* () {
      yield Buffer.from("one ");
      yield Buffer.from("two");
    })(),
  );
  const modes = [scratch.path, join(scratch.path, "file")].map((path) => statSync(path).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600]);
  expect(readFileSync(join(scratch.path, "file"), "utf8")).toBe("one two");
  await expect(scratch.write("file", (async function* () {})())).rejects.toThrow(/EEXIST/);
  await scratch.remove();
  expect(existsSync(scratch.path)).toBe(false);
});
