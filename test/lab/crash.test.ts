import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireLab, startLab, type Lab } from "./lab.ts";
import type { CrashReport, Scenario } from "./support/crash-driver.ts";
import { checkout } from "./support/holder.ts";

requireLab();

const node = join(checkout, "node_modules/.bin/node");
const driver = join(checkout, "test/lab/support/crash-driver.ts");
// halves the time that each of the many runs takes to start
const env = { NODE_COMPILE_CACHE: "/tmp/compile-cache" };

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab[Symbol.asyncDispose]());

test.each<Scenario>([
  { command: "enroll", vault: "sealed", bindHosts: false, again: { step: 11 } },
  { command: "unenroll", vault: "sealed", bindHosts: false, again: { step: 11 } },
  { command: "enroll", vault: "keychain", bindHosts: true },
  { command: "unenroll", vault: "keychain", bindHosts: true },
  { command: "password", vault: "sealed", bindHosts: false },
  { command: "password", vault: "keychain", bindHosts: false },
])("kill -9 at every step leaves the host as before or as after: %o", async (scenario) => {
  const ended = await lab.client.run([node, driver, JSON.stringify(scenario)], { timeoutMs: 110_000, env });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  const report = JSON.parse(ended.stdout) as CrashReport;
  expect(report.broken).toEqual([]);
  expect(report.kills).toBeGreaterThan(report.calls.length);
  expect(report.waysOn).toBe(report.kills * 3);
  expect(report.calls.includes("overwriteFile /etc/hosts")).toBe(scenario.bindHosts);
});
