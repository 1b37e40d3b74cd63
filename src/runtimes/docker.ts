import type { Account } from "../host/ports.ts";
import { buildxAdvice, buildxPaths } from "./buildx.ts";
import { certificateFiles } from "./certificate-files.ts";
import { directoryConflicts, directoryPaths } from "./certificate-directory.ts";
import { hostsTomlEdits, underscored, withoutCertificates } from "./hosts-toml.ts";
import { problem, type Problem } from "../findings/problem.ts";
import { failure, type Result } from "../result.ts";
import { DAEMON_CONFIG, dockerWarnings } from "./docker-settings.ts";
import {
  wantNothing,
  type Runtime,
  type RuntimeCase,
  type RuntimeFile,
  type RuntimeView,
  type SharedEdit,
} from "./runtime.ts";

/** Where Docker looks for certificates: one directory a registry, named after it. */
export const DOCKER_CERTIFICATES = "/etc/docker/certs.d";

const LARGEST_OF_USER = 64 * 1024;

/**
 * Docker Engine and its command line: every `*.crt` in certs.d/<host[:port]> is a CA, read anew at each use. An engine in
 * rootless mode reads the directory of its user alone (moby: pkg/rootless, registry.SetCertsDir).
 */
export const dockerRuntime: Runtime = {
  id: "docker",
  title: "Docker Engine",
  signs: {
    programs: ["dockerd", "docker"],
    versionArguments: ["--version"],
    paths: ["/run/docker.sock", "/etc/docker/daemon.json"],
  },
  looksAt: (about, view) => [
    ...buildxPaths(about.accounts, view),
    DAEMON_CONFIG,
    ...about.accounts.flatMap(rootlessSigns),
    ...directoryPaths(directoriesFor(about, view), view),
    ...directoriesFor(about, view).map((directory) => `${directory}/hosts.toml`),
    ...about.name.aliases.map((alias) => `${DOCKER_CERTIFICATES}/${underscored(alias)}`),
  ],
  wants: (about, view) => ({
    ...wantNothing("docker"),
    files: filesFor(about, view),
    edits: placesFor(about, view).flatMap(({ directory, owner }) =>
      hostsTomlEdits(directory, about, view).map((edit) => (owner === undefined ? edit : ofUser(edit, owner))),
    ),
    // a user's own directory is that user's matter
    warnings: [...dockerWarnings(about, view), ...conflictsIn(about, view, (place) => place.owner !== undefined)],
    advice: buildxAdvice(about, view, `${DOCKER_CERTIFICATES}/${about.name.referencePrefix}/ca.crt`),
    conflicts: conflictsIn(about, view, (place) => place.owner === undefined),
  }),
  takeOut: (text, _name, path) => withoutCertificates(text, path),
  reads: (about, view) => filesFor(about, view).map(({ path }) => path),
};

function filesFor(about: RuntimeCase, view: RuntimeView): readonly RuntimeFile[] {
  return placesFor(about, view).flatMap(({ directory, owner }) => certificateFiles(directory, about, owner));
}

function conflictsIn(about: RuntimeCase, view: RuntimeView, isMeant: (place: Place) => boolean): readonly Problem[] {
  const directories = placesFor(about, view).filter(isMeant);
  return directoryConflicts(
    "the Docker Engine",
    about,
    directories.map(({ directory }) => directory),
    view,
  );
}

function directoriesFor(about: RuntimeCase, view: RuntimeView): readonly string[] {
  return placesFor(about, view).map(({ directory }) => directory);
}

/** With the containerd image store, Docker reads host_port_ first where that is there (moby: daemon/hosts.go). */
function placesFor(about: RuntimeCase, view: RuntimeView): readonly Place[] {
  const { aliases } = about.name;
  const other = aliases
    .map(underscored)
    .filter((name) => !aliases.includes(name) && view.entry(`${DOCKER_CERTIFICATES}/${name}`).kind === "directory");
  const system = [...aliases, ...other].map((name) => ({ directory: `${DOCKER_CERTIFICATES}/${name}` }));
  const own = rootlessAccounts(about, view).flatMap(({ home, uid, gid }) =>
    aliases.map((alias) => ({ directory: `${ownDirectory(home)}/${alias}`, owner: { uid, gid } })),
  );
  return [...system, ...own];
}

/** A file of a user's own: what it costs to read again and again is bounded. */
function ofUser(edit: SharedEdit, owner: Pick<Account, "uid" | "gid">): SharedEdit {
  const refuse = (): Result<string> =>
    failure(problem("RC-RUN-020", { path: edit.path, reason: "it is larger than 64 KiB" }, [edit.path]));
  return { ...edit, owner, put: (text) => (text.length > LARGEST_OF_USER ? refuse() : edit.put(text)) };
}

interface Place {
  readonly directory: string;
  readonly owner?: Pick<Account, "uid" | "gid">;
}

/** Root's engine is the system's. */
function rootlessAccounts({ accounts }: RuntimeCase, view: RuntimeView): readonly Account[] {
  return accounts.filter((account) => rootlessSigns(account).some((path) => view.entry(path).kind !== "absent"));
}

/** The socket of a running one; what dockerd-rootless-setuptool.sh writes; the engine's own configuration and images. */
function rootlessSigns({ uid, home }: Account): readonly string[] {
  if (uid === 0) return [];
  return [
    `/run/user/${uid}/docker.sock`,
    `${home}/.config/systemd/user/docker.service`,
    `${home}/.config/docker/daemon.json`,
    `${home}/.local/share/docker`,
  ];
}

function ownDirectory(home: string): string {
  return `${home}/.config/docker/certs.d`;
}
