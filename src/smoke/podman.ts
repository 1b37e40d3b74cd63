import type { ImageAtHand, ProgramSteps, ProgramWay } from "./program-way.ts";

/** podman, with the storage, the login and the certificates that it finds for who calls (podman-push(1), containers-certs.d(5)). */
export const podmanWay: ProgramWay = {
  via: "podman",
  title: "podman",
  program: "podman",
  versionArguments: ["--version"],
  steps: (image) => storedSteps(image, ["image", "rm", "--force"]),
};

/** What podman and buildah have in common; `remove` takes an image out of the storage. */
export function storedSteps(image: ImageAtHand, remove: readonly string[]): ProgramSteps {
  const named = `${image.repository}:${image.tag}`;
  const pulled = `${image.repository}@${image.digest}`;
  // what registries.conf calls insecure would get the login, whoever answers
  const checked = "--tls-verify=true";
  return {
    load: [{ args: ["pull", "--quiet", `oci-archive:${image.archive}`] }],
    push: [{ args: ["push", "--quiet", checked, "--digestfile", image.digestFile, named] }],
    forget: [{ args: [...remove, named] }],
    pull: [{ args: ["pull", "--quiet", checked, pulled] }],
    clean: [{ args: [...remove, named] }, ...(image.digest === "" ? [] : [{ args: [...remove, pulled] }])],
    login: [{ args: ["login", checked, image.registry] }],
  };
}
