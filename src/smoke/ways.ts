import type { Host } from "../host/ports.ts";
import { buildahWay } from "./buildah.ts";
import { containerdWay } from "./containerd.ts";
import { podmanWay } from "./podman.ts";
import { findWay } from "./program.ts";
import type { ProgramWay } from "./program-way.ts";
import type { Mode, ProgramVia, Via } from "./report.ts";
import { skopeoWay } from "./skopeo.ts";

const WAYS: Readonly<Record<ProgramVia, ProgramWay>> = {
  podman: podmanWay,
  skopeo: skopeoWay,
  buildah: buildahWay,
  containerd: containerdWay,
};

const CONTAINERD_SOCKET = "/run/containerd/containerd.sock";

/**
 * The programs that a verification goes through: the one that `via` names, there or not; with `auto` podman and containerd
 * where they can be used by who calls, and only where images are transferred. skopeo and buildah share podman's files and code.
 */
export async function chooseWays(host: Host, via: Via | "auto" | "once", mode: Mode): Promise<readonly ProgramWay[]> {
  if (via === "podman" || via === "skopeo" || via === "buildah" || via === "containerd") return [WAYS[via]];
  if (via !== "auto" || mode !== "push-pull") return [];
  const chosen: ProgramWay[] = [];
  if (typeof (await findWay(host, podmanWay)) === "string") chosen.push(podmanWay);
  if (typeof (await findWay(host, containerdWay)) === "string" && (await runsContainerd(host)))
    chosen.push(containerdWay);
  return chosen;
}

/** containerd serves root alone. */
async function runsContainerd({ files, caller }: Host): Promise<boolean> {
  const entry = await files.readEntry(await files.resolveLinks(CONTAINERD_SOCKET));
  return caller.uid === 0 && entry.kind === "other";
}
