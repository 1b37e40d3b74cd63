import type { ProgramWay } from "./program-way.ts";

/** skopeo, which has no storage of its own: from the archive to the registry, and back into a directory (skopeo-copy(1)). */
export const skopeoWay: ProgramWay = {
  via: "skopeo",
  title: "skopeo",
  program: "skopeo",
  versionArguments: ["--version"],
  steps: ({ registry, repository, tag, digest, archive, digestFile, pulled }) => ({
    load: [],
    push: [
      {
        args: [
          "copy",
          "--quiet",
          "--dest-tls-verify=true",
          "--digestfile",
          digestFile,
          `oci-archive:${archive}`,
          `docker://${repository}:${tag}`,
        ],
      },
    ],
    forget: [],
    pull: [{ args: ["copy", "--quiet", "--src-tls-verify=true", `docker://${repository}@${digest}`, `dir:${pulled}`] }],
    clean: [],
    login: [{ args: ["login", "--tls-verify=true", registry] }],
  }),
};
