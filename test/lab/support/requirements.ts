import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** A program the lab starts, and the Debian package that brings it. */
interface Requirement {
  readonly program: string;
  readonly debianPackage: string;
}

/** The search path of every lab host. */
export const labPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const requirements: readonly Requirement[] = [
  { program: "unshare", debianPackage: "util-linux" },
  { program: "nsenter", debianPackage: "util-linux" },
  { program: "setpriv", debianPackage: "util-linux" },
  { program: "pivot_root", debianPackage: "util-linux" },
  { program: "ip", debianPackage: "iproute2" },
  { program: "dockerd", debianPackage: "docker.io" },
  { program: "docker", debianPackage: "docker.io" },
  { program: "containerd", debianPackage: "containerd" },
  { program: "podman", debianPackage: "podman" },
  { program: "skopeo", debianPackage: "skopeo" },
  { program: "buildah", debianPackage: "buildah" },
  { program: "ctr", debianPackage: "containerd" },
  { program: "script", debianPackage: "bsdutils" },
  { program: "docker-registry", debianPackage: "docker-registry" },
  { program: "nginx", debianPackage: "nginx" },
  { program: "dbus-daemon", debianPackage: "dbus-daemon" },
  { program: "dbus-send", debianPackage: "dbus-bin" },
  { program: "gnome-keyring-daemon", debianPackage: "gnome-keyring" },
  { program: "curl", debianPackage: "curl" },
  { program: "openssl", debianPackage: "openssl" },
  { program: "htpasswd", debianPackage: "apache2-utils" },
  { program: "pgrep", debianPackage: "procps" },
  { program: "promtool", debianPackage: "prometheus" },
  { program: "systemd-nspawn", debianPackage: "systemd-container" },
  { program: "lintian", debianPackage: "lintian" },
  { program: "dpkg-shlibdeps", debianPackage: "dpkg-dev" },
  { program: "x86_64-linux-gnu-strip", debianPackage: "binutils-x86-64-linux-gnu" },
  { program: "man", debianPackage: "man-db" },
  { program: "groff", debianPackage: "groff" },
  { program: "debootstrap", debianPackage: "debootstrap" },
  { program: "ansible-playbook", debianPackage: "ansible" },
];

/** What of a machine decides whether it can run the lab. */
export interface Machine {
  readonly platform: string;
  readonly uid: number | undefined;
  /** Search path for programs. */
  readonly path: string;
}

/** Throws, naming everything that is missing, when this machine cannot run the lab. The lab is never skipped silently. */
export function requireLab(): void {
  const faults = listLabFaults({ platform: process.platform, uid: process.getuid?.(), path: labPath });
  if (faults.length > 0) throw new Error(`the lab cannot run here:\n  ${faults.join("\n  ")}`);
}

/** All that keeps `machine` from running the lab, each with what mends it. */
export function listLabFaults(machine: Machine): readonly string[] {
  if (machine.platform !== "linux") return ["it needs Linux: its hosts are namespaces"];
  const root = machine.uid === 0 ? [] : ["it needs root, to make namespaces and mounts: run it with sudo"];
  const missing = requirements.filter(({ program }) => !isOnPath(program, machine.path));
  if (missing.length === 0) return root;
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
  return [
    ...root,
    `missing programs: ${missing.map(({ program }) => program).join(", ")}`,
    `to install them on Debian or Ubuntu: sudo apt-get install ${packages.join(" ")}`,
  ];
}

function isOnPath(program: string, path: string): boolean {
  return path.split(":").some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
