import { directoryConflicts, directoryPaths } from "./certificate-directory.ts";
import { DAEMON_CONFIG, dockerWarnings } from "./docker-settings.ts";
import {
  wantNothing,
  type Account,
  type Runtime,
  type RuntimeCase,
  type RuntimeFile,
  type RuntimeView,
} from "./runtime.ts";

/** Where Docker looks for certificates: one directory a registry, named after it. */
export const DOCKER_CERTIFICATES = "/etc/docker/certs.d";

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
    DAEMON_CONFIG,
    ...about.accounts.flatMap(rootlessSigns),
    ...directoryPaths(directoriesFor(about, view), view),
  ],
  wants: (about, view) => ({
    ...wantNothing("docker"),
    files: filesFor(about, view),
    warnings: dockerWarnings(about, view),
    conflicts: directoryConflicts("the Docker Engine", about, directoriesFor(about, view), view),
  }),
  reads: (about, view) => filesFor(about, view).map(({ path }) => path),
};

function filesFor(about: RuntimeCase, view: RuntimeView): readonly RuntimeFile[] {
  const shared = { bytes: Buffer.from(about.bundle), mode: 0o644 };
  const system = about.name.aliases.map((alias) => ({ ...shared, path: `${DOCKER_CERTIFICATES}/${alias}/ca.crt` }));
  const own = rootlessAccounts(about, view).flatMap(({ home, uid, gid }) =>
    about.name.aliases.map((alias) => ({
      ...shared,
      path: `${ownDirectory(home)}/${alias}/ca.crt`,
      owner: { uid, gid },
    })),
  );
  return [...system, ...own];
}

function directoriesFor(about: RuntimeCase, view: RuntimeView): readonly string[] {
  const roots = [DOCKER_CERTIFICATES, ...rootlessAccounts(about, view).map(({ home }) => ownDirectory(home))];
  return roots.flatMap((root) => about.name.aliases.map((alias) => `${root}/${alias}`));
}

/** Root's engine is the system's. */
function rootlessAccounts({ accounts }: RuntimeCase, view: RuntimeView): readonly Account[] {
  return accounts.filter((account) => rootlessSigns(account).some((path) => view.entry(path).kind !== "absent"));
}

/** The socket of a running one; what dockerd-rootless-setuptool.sh writes; the engine's own configuration. */
function rootlessSigns({ uid, home }: Account): readonly string[] {
  if (uid === 0) return [];
  return [
    `/run/user/${uid}/docker.sock`,
    `${home}/.config/systemd/user/docker.service`,
    `${home}/.config/docker/daemon.json`,
  ];
}

function ownDirectory(home: string): string {
  return `${home}/.config/docker/certs.d`;
}
