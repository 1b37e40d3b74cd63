import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expectDone } from "./client-lab.ts";
import type { CommandOptions, CommandResult, RunningCommand } from "./command.ts";
import { checkout } from "./holder.ts";
import type { LabHost } from "./host.ts";
import type { Manifest } from "./manifest.ts";

/** What packaging/Containerfile builds on, under the name that it says. */
export const BASE = "docker.io/library/debian";

/** podman on a lab host, with images and containers that end with the host. */
export interface Podman {
  run(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Builds the image from what `copyRelease` brought; `more` are options. Gives its id. */
  build(tag: string, more?: readonly string[]): Promise<string>;
  /** The same, for a build that may fail. */
  attempt(tag: string, more: readonly string[]): Promise<CommandResult>;
  /** Runs a container to its end, on the host's network and in the lab's cgroups. */
  contain(options: readonly string[], args: readonly string[], more?: CommandOptions): Promise<CommandResult>;
  /** Starts one. */
  start(options: readonly string[], args: readonly string[]): Promise<RunningCommand>;
}

// of the host alone, and no part of its tree
const STORE = ["--root=/tmp/podman/images", "--runroot=/tmp/podman/run", "--storage-driver=overlay"];
const RELEASE = "/tmp/release";
const CONTAINERFILE = join(checkout, "packaging", "Containerfile");
const LONGEST_MS = 110_000;

/** podman on `host`, with the tree that the host was made with as the base image: no registry but the lab's is there. */
export async function startPodman(host: LabHost): Promise<Podman> {
  const podman = ["podman", ...STORE, "--cgroup-manager=cgroupfs", "--events-backend=none"];
  const inLab = ["--network=host", `--cgroup-parent=/${host.cgroup}`];
  // podman has systemd ask for it, which is not there
  const contain = ["run", "--rm", "--no-healthcheck", ...inLab];
  const run: Podman["run"] = (args, options) => host.run([...podman, ...args], { timeoutMs: LONGEST_MS, ...options });
  const tar = ["tar", "--create", "--directory=/run/tree", "--exclude=./dev/*", "--exclude=./var/cache/apt", "."];
  expectDone(
    await host.run(["sh", "-c", `${tar.join(" ")} | ${podman.join(" ")} import --quiet - ${BASE}:bookworm-slim`], {
      timeoutMs: LONGEST_MS,
    }),
  );
  const attempt: Podman["attempt"] = async (tag, more) => {
    const options = ["--quiet", "--format=docker", "--layers", `--tag=${tag}`, `--file=${CONTAINERFILE}`];
    // one with containers in it takes no more rules
    const cgroup = `--cgroup-parent=/${host.cgroup}/build`;
    return run(["build", "--network=host", cgroup, ...options, ...more, RELEASE]);
  };
  return {
    run,
    attempt,
    build: async (tag, more = []) => expectDone(await attempt(tag, more)).trim(),
    contain: (options, args, more) => run([...contain, ...options, ...args], more),
    start: (options, args) => host.start([...podman, ...contain, ...options, ...args]),
  };
}

/** Puts what scripts/package has made where it is built from. */
export function copyRelease(host: LabHost, folder: string): void {
  mkdirSync(host.path(RELEASE), { recursive: true });
  for (const name of readdirSync(folder)) copyFileSync(join(folder, name), host.path(join(RELEASE, name)));
}

/** The options with which podman runs a pod's container as the manifest says. */
export function optionsOf({ container, volumes, files }: Manifest, host: LabHost): readonly string[] {
  const mounts = container.volumeMounts.map(({ name, mountPath, subPath }) => {
    const volume = volumes.find((each) => each.name === name);
    if (volume?.emptyDir !== undefined) return `--mount=type=tmpfs,destination=${mountPath}`;
    if (volume?.hostPath === undefined) {
      const path = join("/tmp/config-map", subPath ?? "");
      mkdirSync(host.path(dirname(path)), { recursive: true });
      writeFileSync(host.path(path), files[subPath ?? ""] ?? "");
      return `--volume=${path}:${mountPath}:ro`;
    }
    const { path, type } = volume.hostPath;
    if (type === "DirectoryOrCreate") mkdirSync(host.path(path), { recursive: true });
    return `--volume=${path}:${mountPath}`;
  });
  const capabilities = container.securityContext.capabilities.add.map((each) => `--cap-add=${each}`);
  return [...CONFINED, ...capabilities, ...mounts];
}

/** A root that cannot be written, no capabilities, and no way to more. */
export const CONFINED = [
  "--read-only",
  "--read-only-tmpfs=false",
  "--cap-drop=all",
  "--security-opt=no-new-privileges",
];
