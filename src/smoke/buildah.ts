import { storedSteps } from "./podman.ts";
import type { ProgramWay } from "./program-way.ts";

/** buildah, on the storage that it shares with podman (buildah-push(1)). */
export const buildahWay: ProgramWay = {
  via: "buildah",
  title: "buildah",
  program: "buildah",
  versionArguments: ["--version"],
  steps: (image) => storedSteps(image, ["rmi", "--force"]),
};
