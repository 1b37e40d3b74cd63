import { problem, type Problem } from "../findings/problem.ts";
import { certificateFiles } from "./certificate-files.ts";
import { directoryConflicts, directoryPaths, namesIn } from "./certificate-directory.ts";
import { containersWarnings, settingsPaths } from "./containers-settings.ts";
import { DOCKER_CERTIFICATES } from "./docker.ts";
import { wantNothing, type Runtime, type RuntimeCase, type RuntimeView } from "./runtime.ts";

const CERTIFICATES = "/etc/containers/certs.d";

/**
 * podman, skopeo, buildah and CRI-O (containers/image: docker_client.go, dockerCertDir). For each registry they read the
 * first directory that exists, and that alone: the user's own, /etc/containers, /etc/docker. So a directory is made only
 * where it hides nothing.
 */
export const containersRuntime: Runtime = {
  id: "containers",
  title: "podman, skopeo, buildah, CRI-O",
  signs: {
    programs: ["podman", "skopeo", "buildah", "crio"],
    versionArguments: ["--version"],
    paths: ["/run/podman/podman.sock", "/run/crio/crio.sock"],
  },
  looksAt: (about, view) => [
    ...settingsPaths(view),
    ...directoryPaths(
      about.name.aliases.flatMap((alias) => [
        `${CERTIFICATES}/${alias}`,
        `${DOCKER_CERTIFICATES}/${alias}`,
        ...about.accounts.map(({ home }) => ownDirectory(home, alias)),
      ]),
      view,
    ),
  ],
  wants: (about, view) => {
    const written = about.name.aliases.filter((alias) => !isDockers(about, alias, view));
    const directories = written.map((alias) => directoryFor(alias, view));
    return {
      ...wantNothing("containers"),
      files: directories.flatMap((path) => certificateFiles(path, about)),
      notes:
        written.length < about.name.aliases.length
          ? [`podman, skopeo and buildah read ${DOCKER_CERTIFICATES} too`]
          : [],
      warnings: [...hiddenFrom(about, view), ...containersWarnings(about, view)],
      conflicts: directoryConflicts("podman", about, directories, view),
    };
  },
  reads: (about, view) => about.name.aliases.map((alias) => `${directoryFor(alias, view, about)}/ca.crt`),
};

/** Docker's directory is read where there is no other, and is written for Docker already. */
function isDockers({ selected }: RuntimeCase, alias: string, view: RuntimeView): boolean {
  return selected.includes("docker") && !exists(`${CERTIFICATES}/${alias}`, view);
}

/** The directory that is read for this name; one that is to be made hides none. */
function directoryFor(alias: string, view: RuntimeView, about?: RuntimeCase): string {
  const own = `${CERTIFICATES}/${alias}`;
  const dockers = `${DOCKER_CERTIFICATES}/${alias}`;
  if (about !== undefined && isDockers(about, alias, view)) return dockers;
  return !exists(own, view) && exists(dockers, view) ? dockers : own;
}

/** A user's own directory wins, for that user. */
function hiddenFrom(about: RuntimeCase, view: RuntimeView): readonly Problem[] {
  return about.accounts.flatMap(({ home, login }) =>
    about.name.aliases.flatMap((alias) => {
      const directory = ownDirectory(home, alias);
      if (about.bundle === "" || !exists(directory, view) || hasBundle(directory, about.bundle, view)) return [];
      const file = `${directoryFor(alias, view, about)}/ca.crt`;
      return [problem("RC-RUN-002", { directory, login, file }, [directory])];
    }),
  );
}

function hasBundle(directory: string, bundle: string, view: RuntimeView): boolean {
  const names = namesIn(directory, view).filter((name) => name.endsWith(".crt"));
  return names.some((name) => view.text(`${directory}/${name}`) === bundle);
}

function exists(path: string, view: RuntimeView): boolean {
  return view.entry(path).kind !== "absent";
}

function ownDirectory(home: string, alias: string): string {
  return `${home}/.config/containers/certs.d/${alias}`;
}
