import { buildkitRuntime } from "./buildkit.ts";
import { containerdRuntime } from "./containerd.ts";
import { containersRuntime } from "./containers.ts";
import { dockerRuntime } from "./docker.ts";
import { k3sRuntime } from "./k3s.ts";
import type { RuntimeId } from "./runtime-ids.ts";
import type { FoundRuntime, Runtime } from "./runtime.ts";
import { systemRuntime } from "./system.ts";

/** Every runtime that regclient knows, in the order they are written. */
export const runtimes: readonly Runtime[] = [
  dockerRuntime,
  containersRuntime,
  containerdRuntime,
  buildkitRuntime,
  k3sRuntime,
  systemRuntime,
];

/** The runtime with this name, undefined for one that an older or newer regclient knew. */
export function runtimeNamed(id: string): Runtime | undefined {
  return runtimes.find((each) => each.id === id);
}

/**
 * The runtimes that a declaration's `runtimes` stand for, given those that are on the host: what is named always,
 * with `auto` Docker and all that were found.
 */
export function selectRuntimes(
  declared: readonly string[],
  found: ReadonlyMap<RuntimeId, FoundRuntime>,
): readonly Runtime[] {
  const isAuto = ({ id, onRequestOnly }: Runtime): boolean =>
    id === "docker" || (found.has(id) && onRequestOnly !== true);
  return runtimes.filter((each) => declared.includes(each.id) || (declared.includes("auto") && isAuto(each)));
}
