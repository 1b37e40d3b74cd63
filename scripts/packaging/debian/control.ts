import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PackageFile } from "./contents.ts";

const SCRIPTS = join(import.meta.dirname, "../../../packaging/debian");

/** What differs from package to package. */
export interface ControlFacts {
  readonly version: string;
  readonly maintainer: string;
  readonly architecture: string;
  readonly installedKiB: number;
  /** Units that are started with the system. */
  readonly enabledUnits: readonly string[];
}

// as dpkg-shlibdeps finds them for the executable on Debian 12; test/lab/package.test.ts compares
export const LIBRARIES = "libatomic1 (>= 4.8), libc6 (>= 2.34), libgcc-s1 (>= 4.2), libstdc++6 (>= 10.2)";

/** The control file and the maintainer scripts of packaging/debian. */
export function writeControl(facts: ControlFacts): readonly PackageFile[] {
  const units = facts.enabledUnits.join(" ");
  const scripts = ["postinst", "prerm", "postrm"].map((name) => ({
    kind: "file" as const,
    path: `DEBIAN/${name}`,
    content: readFileSync(join(SCRIPTS, name), "utf8").replaceAll("@UNITS@", units),
    mode: 0o755,
  }));
  const control = `Package: regclient
Version: ${facts.version}
Architecture: ${facts.architecture}
Maintainer: ${facts.maintainer}
Installed-Size: ${facts.installedKiB}
Depends: ${LIBRARIES}
Recommends: ca-certificates
Suggests: docker.io | docker-ce, libsecret-1-0, podman, systemd
Section: admin
Priority: optional
Description: enrollment agent for Docker client hosts
 One command makes a Docker host trust a private registry, log in to it, and
 prove that push and pull work. One command takes all of it back, byte for
 byte.
 .
 A service follows the registry's certificate when it changes, puts right what
 has been changed by others, and gives the login to the users of the host who
 may have it, so that no Docker configuration holds a password.
 .
 Node.js is inside; nothing else has to be installed.
`;
  return [{ kind: "file", path: "DEBIAN/control", content: control }, ...scripts];
}
