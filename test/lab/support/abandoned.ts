import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { sweepLeftovers } from "./leftovers.ts";
import { findRemains, readNamespaces } from "./namespaces.ts";

/**
 * Runs one of the programs beside this file, which makes something of the lab and says the pids that hold it as JSON;
 * sends it a signal, and expects that nothing of it is left, once the next lab has swept.
 */
export async function expectNothingLeft(
  program: string,
  argv: readonly string[],
  signal: NodeJS.Signals,
): Promise<void> {
  const script = join(import.meta.dirname, program);
  const child = spawn(process.execPath, [script, ...argv], { stdio: ["ignore", "pipe", "inherit"], env: {} });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const namespaces = (JSON.parse(line) as number[]).flatMap(readNamespaces);
  child.kill(signal);
  await once(child, "exit");
  const owner = child.pid ?? 0;
  const running = (): readonly string[] => findRemains(namespaces, owner).filter((one) => one.startsWith("process"));
  await expect.poll(running, { timeout: 10_000 }).toEqual([]);
  // the kernel gives a cgroup free a moment after its last process
  const swept = (): readonly string[] => {
    sweepLeftovers();
    return findRemains(namespaces, owner);
  };
  await expect.poll(swept, { timeout: 10_000 }).toEqual([]);
}
