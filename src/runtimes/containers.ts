import { wantNothing, type Runtime } from "./runtime.ts";

/** podman, skopeo, buildah and CRI-O. */
export const containersRuntime: Runtime = {
  id: "containers",
  title: "podman, skopeo, buildah, CRI-O",
  signs: { programs: ["podman", "skopeo", "buildah", "crio"], versionArguments: ["--version"], paths: [] },
  looksAt: () => [],
  wants: () => wantNothing("containers"),
  reads: () => [],
};
