import type { Host } from "../host/ports.ts";
import { buildahWay } from "./buildah.ts";
import { containerdWay } from "./containerd.ts";
import type { Verification } from "./direct.ts";
import { podmanWay } from "./podman.ts";
import { findWay } from "./program.ts";
import type { ProgramWay } from "./program-way.ts";
import type { ProgramVia, Via } from "./report.ts";
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
export async function chooseWays(
  verification: Pick<Verification, "host" | "credential" | "mode" | "note">,
  via: Via | "auto" | "once",
): Promise<readonly ProgramWay[]> {
  if (isProgram(via)) return [WAYS[via]];
  if (via !== "auto" || verification.mode !== "push-pull") return [];
  const chosen: ProgramWay[] = [];
  if ("program" in (await findWay(verification, podmanWay))) chosen.push(podmanWay);
  if (!(await runsContainerd(verification.host))) return chosen;
  const containerd = await findWay(verification, containerdWay);
  if ("program" in containerd) chosen.push(containerdWay);
  else verification.note(`nothing was pushed or pulled through containerd: ${containerd.absent}`);
  return chosen;
}

function isProgram(via: string): via is ProgramVia {
  return Object.hasOwn(WAYS, via);
}

/** containerd serves root alone. */
async function runsContainerd({ files, caller }: Host): Promise<boolean> {
  if (files.root !== "/" || caller.uid !== 0) return false;
  return (await files.readEntry(await files.resolveLinks(CONTAINERD_SOCKET))).kind === "other";
}
