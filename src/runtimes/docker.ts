import { wantNothing, type Runtime, type RuntimeCase } from "./runtime.ts";

const CERTIFICATES = "/etc/docker/certs.d";

/** Docker Engine and its command line: every `*.crt` in certs.d/<host[:port]> is a CA, read anew at each use. */
export const dockerRuntime: Runtime = {
  id: "docker",
  title: "Docker Engine",
  signs: {
    programs: ["dockerd", "docker"],
    versionArguments: ["--version"],
    paths: ["/run/docker.sock", "/etc/docker/daemon.json"],
  },
  looksAt: () => [],
  wants: (about) => ({
    ...wantNothing("docker"),
    files: pathsFor(about).map((path) => ({ path, bytes: Buffer.from(about.bundle), mode: 0o644 })),
  }),
  reads: pathsFor,
};

function pathsFor({ name }: Pick<RuntimeCase, "name">): readonly string[] {
  return name.aliases.map((alias) => `${CERTIFICATES}/${alias}/ca.crt`);
}
