import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RunningCommand } from "./command.ts";
import { checkout } from "./holder.ts";
import type { LabHost } from "./host.ts";
import { readManifest, type Manifest } from "./manifest.ts";

const CONFIG = "/tmp/pod/config-map";

/**
 * Starts what the manifest says in a mount namespace of the host, as a node's container runtime would: a read-only root,
 * the mounts, root with no other capabilities, no way to gain more. The host has to have an empty /host. `edit` changes the
 * manifest's text before.
 */
export async function startPod(host: LabHost, edit: (text: string) => string): Promise<RunningCommand> {
  const manifest = readManifest(edit);
  mkdirSync(host.path(CONFIG), { recursive: true });
  for (const [name, text] of Object.entries(manifest.files)) writeFileSync(host.path(`${CONFIG}/${name}`), text);
  writeFileSync(host.path("/tmp/pod/start.sh"), scriptFor(manifest));
  return host.start(["unshare", "--mount", "sh", "/tmp/pod/start.sh"]);
}

function scriptFor({ container, volumes }: Manifest): string {
  const mounts = container.volumeMounts.flatMap(({ name, mountPath, subPath }) => {
    const volume = volumes.find((each) => each.name === name);
    if (volume?.hostPath !== undefined) {
      const { path, type } = volume.hostPath;
      return [...(type === "DirectoryOrCreate" ? [`mkdir -p ${path}`] : []), ...bind(path, mountPath)];
    }
    if (volume?.emptyDir !== undefined) return [`mkdir -p ${mountPath}`, `mount -t tmpfs none ${mountPath}`];
    if (volume?.configMap === undefined) throw new Error(`volume ${name} is of no kind that is known here`);
    // as a container runtime makes the place for it
    const place = [`mkdir -p ${dirname(mountPath)}`, `[ -e ${mountPath} ] || : >${mountPath}`];
    const from = `${CONFIG}/${subPath ?? ""}`;
    return [...place, `mount --bind ${from} ${mountPath}`, `mount -o remount,bind,ro ${mountPath}`];
  });
  const capabilities = container.securityContext.capabilities.add.map((each) => `+${each.toLowerCase()}`).join(",");
  const confined = `setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,${capabilities}`;
  return [
    "set -eu",
    // the container's own root, as far as it has anything in it
    "mount -t tmpfs none /host",
    ...mounts,
    // what is the container's own cannot be written
    "for place in / /host /root /run /tmp; do mount -o remount,bind,ro $place; done",
    `exec ${confined} ${join(checkout, "bin", "regclient")} ${container.args.join(" ")}`,
    "",
  ].join("\n");
}

function bind(from: string, to: string): readonly string[] {
  return [`mkdir -p ${to}`, `mount --bind ${from} ${to}`];
}
