import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { listPlaces } from "./leftovers.ts";

const KINDS = ["net", "mnt", "pid"] as const;

/** The kernel's names of the namespaces that `pid` is in. */
export function readNamespaces(pid: number): readonly string[] {
  return KINDS.map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
}

/** What is still there of hosts with these namespaces and of the labs of process `owner`; nothing, when all is well. */
export function findRemains(namespaces: readonly string[], owner: number): readonly string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return [
    ...pids.filter((pid) => isInside(Number(pid), namespaces)).map((pid) => `process ${pid}`),
    ...mounts.filter((line) => line.includes(`regclient-lab-${owner}-`)),
    ...listPlaces().flatMap((place) => readdirSync(place).filter((name) => name.startsWith(`regclient-lab-${owner}-`))),
  ];
}

function isInside(pid: number, namespaces: readonly string[]): boolean {
  try {
    return readNamespaces(pid).some((one) => namespaces.includes(one));
  } catch {
    // It ended meanwhile.
    return false;
  }
}
