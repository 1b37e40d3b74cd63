import { expect, test } from "vitest";
import { parseSettings, readSettings } from "../../src/daemon/settings.ts";
import { createReadFiles } from "../../src/host/node-files.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";
import { valueOf } from "../support/registry-client.ts";

const defaults = {
  reconcile: {
    intervalMs: 900_000,
    jitter: 0.2,
    retryFirstMs: 30_000,
    retryMostMs: 1_800_000,
    startSpreadMs: 120_000,
    passTimeoutMs: 60_000,
    atOnce: 8,
  },
};

test("without a file, everything has its default", async () => {
  expect(valueOf(await readSettings(createReadFiles(makeScratchRoot())))).toEqual(defaults);
});

test("what the file says counts, the rest is the default", async () => {
  const root = makeScratchRoot({
    "/etc/regclient/daemon.yaml": "version: 1\nreconcile: { interval: PT1H, jitter: 0 }\n",
  });
  const { reconcile } = valueOf(await readSettings(createReadFiles(root)));
  expect(reconcile).toEqual({ ...defaults.reconcile, intervalMs: 3_600_000, jitter: 0 });
});

test.each([
  ["", 1, "", "expected object"],
  ["version: 2\n", 1, "version", "expected 1"],
  ["version: 1\nreconcile:\n  interval: 5s\n", 3, "reconcile.interval", "from 10s to 24h"],
  ["version: 1\nreconcile:\n  interval: often\n", 3, "reconcile.interval", "from 10s to 24h"],
  ["version: 1\nreconcile:\n  interval: 10\n", 3, "reconcile.interval", "not a length of time"],
  ["version: 1\nreconcile:\n  jitter: 91\n", 3, "reconcile.jitter", "more than 90"],
  ["version: 1\nreconcile:\n  atOnce: 0\n", 3, "reconcile.atOnce", "less than 1"],
  ["version: 1\nreconcile:\n  intervall: 10m\n", 3, "reconcile.intervall", "nrecognized"],
  ["version: 1\nreconcile:\n  retryFirst: 1h\n  retryMost: 1m\n", 4, "reconcile.retryMost", "shorter than retryFirst"],
  ["version: 1\nreconcile: [\n", 3, "", ""],
])("%j is refused with its line and key", (text, line, key, reason) => {
  const read = parseSettings(text);
  expect(read).toMatchObject({ ok: false, problem: { code: "RC-CFG-025", exit: 2 } });
  if (read.ok) return;
  const where = key === "" ? `daemon.yaml:${line}` : `daemon.yaml:${line}: ${key}`;
  expect(read.problem.summary).toContain(where);
  expect(read.problem.cause.toLowerCase()).toContain(reason.toLowerCase());
});
