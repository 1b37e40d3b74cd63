import { wantNothing, type Runtime } from "./runtime.ts";

/** containerd: ctr, nerdctl, and its CRI plugin. */
export const containerdRuntime: Runtime = {
  id: "containerd",
  title: "containerd (ctr, nerdctl, CRI)",
  signs: { programs: ["containerd"], versionArguments: ["--version"], paths: [] },
  looksAt: () => [],
  wants: () => wantNothing("containerd"),
  reads: () => [],
};
