import { expect } from "vitest";
import { expectDone, login, programPath, type ClientLab } from "./client-lab.ts";
import type { CommandResult } from "./command.ts";
import { startContainerd } from "./containerd.ts";

const storage = ["--root=/var/lib/containers/lab", "--runroot=/run/containers-lab", "--storage-driver=vfs"];
const hostsDirectory = ["--hosts-dir", "/etc/containerd/certs.d", "--user", login.username];

/** The image that every client pulls and pushes. */
export const image = "devregistry:443/app";
/** podman and buildah keep their images in a place of the lab. */
export const podman = ["podman", ...storage] as const;

/** The container clients of one host; each asks the registry anew, whatever it has already. */
export interface EveryClient {
  readonly names: readonly string[];
  /** A pull and a push by one of them. */
  use(name: string): Promise<CommandResult>;
  /** Expects all of them to pull and push. */
  expectAllUse(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts dockerd and containerd, and has podman make what it makes when it is first called. */
export async function startEveryClient(lab: ClientLab): Promise<EveryClient> {
  await lab.client.startDockerd();
  const containerd = await startContainerd(lab.client);
  const run = (argv: readonly string[]): Promise<CommandResult> => lab.client.run(argv, { env: programPath });
  expectDone(await run([...podman, "info"]));
  const through = async (program: readonly string[], remove: readonly string[]): Promise<CommandResult> => {
    await run([...program, ...remove, image]);
    const pulled = await run([...program, "pull", image]);
    return pulled.code === 0 ? run([...program, "push", image]) : pulled;
  };
  const ctr = async (): Promise<CommandResult> => {
    await containerd.ctr(["images", "rm", "--sync", `${image}:latest`]);
    const pulled = await containerd.ctr(["images", "pull", ...hostsDirectory, `${image}:latest`], login.password);
    if (pulled.code !== 0) return pulled;
    return containerd.ctr(["images", "push", ...hostsDirectory, `${image}:latest`], login.password);
  };
  const clients: Readonly<Record<string, () => Promise<CommandResult>>> = {
    docker: () => through(["docker"], ["image", "rm"]),
    podman: () => through(podman, ["image", "rm"]),
    buildah: () => through(["buildah", ...storage], ["rmi"]),
    skopeo: () => run(["skopeo", "copy", `docker://${image}:latest`, `docker://${image}:by-skopeo`]),
    ctr,
  };
  const use = async (name: string): Promise<CommandResult> => {
    const client = clients[name];
    if (client === undefined) throw new Error(`no such client: ${name}`);
    return client();
  };
  return {
    names: Object.keys(clients),
    use,
    expectAllUse: async () => {
      for (const name of Object.keys(clients)) {
        const { code, stdout, stderr } = await use(name);
        expect({ name, code, told: code === 0 ? "" : stdout + stderr }).toEqual({ name, code: 0, told: "" });
      }
    },
    stop: containerd.stop,
  };
}
