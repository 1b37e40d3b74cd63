import { problem, type Problem } from "../findings/problem.ts";
import { directoryConflicts, directoryPaths, emptyConflicts } from "./certificate-directory.ts";
import { certificateFiles } from "./certificate-files.ts";
import { containerdAdvice } from "./containerd-advice.ts";
import { configPaths, readConfig, type ContainerdConfig } from "./containerd-config.ts";
import { containerdNotes, layoutNames, type Place } from "./containerd-notes.ts";
import { DOCKER_CERTIFICATES } from "./docker.ts";
import {
  hostsTomlEdits,
  isOwnHostsToml,
  presentIn,
  renderHostsToml,
  uncheckedHosts,
  underscored,
  withoutCertificates,
} from "./hosts-toml.ts";
import { wantNothing, type Runtime, type RuntimeCase, type RuntimeFile, type RuntimeView } from "./runtime.ts";

/** Where containerd looks unless it is told otherwise; ctr with --hosts-dir, and nerdctl by itself. */
const CERTIFICATES = "/etc/containerd/certs.d";

/**
 * containerd: ctr, nerdctl, and its CRI plugin. Below `config_path`, the first of host_port_, host:port and _default that
 * exists is read, anew at each use: its hosts.toml, or without one its *.crt (containerd: remotes/docker/config/hosts.go).
 */
export const containerdRuntime: Runtime = {
  id: "containerd",
  title: "containerd (ctr, nerdctl, CRI)",
  versionMatters: true,
  signs: {
    programs: ["containerd"],
    versionArguments: ["--version"],
    paths: ["/run/containerd/containerd.sock", "/etc/containerd/config.toml"],
  },
  looksAt: (about, view) => {
    const root = rootOf(readConfig(view));
    const possible = about.name.aliases.flatMap((alias) => [`${root}/${alias}`, `${root}/${underscored(alias)}`]);
    const hosts = placesFor(about, root, view).map(({ directory }) => `${directory}/hosts.toml`);
    return [...configPaths(view), `${root}/_default`, ...directoryPaths(possible, view), ...hosts];
  },
  wants: (about, view) => {
    const config = readConfig(view);
    const root = rootOf(config);
    const places = placesFor(about, root, view);
    const written = places.filter((place) => !isDockers(about, place));
    const others = written.length === places.length ? [] : [`containerd reads ${DOCKER_CERTIFICATES} too`];
    return {
      ...wantNothing("containerd"),
      files: written.flatMap((place) => filesFor(about, place, view)),
      edits: written.flatMap(({ directory }) => hostsTomlEdits(directory, about, view)),
      notes: [...others, ...containerdNotes(places, root, view)],
      warnings: [...brokenConfig(about, config), ...unchecked(about, places, view)],
      conflicts: layoutConflicts(about, written, view),
      advice: containerdAdvice(about, config, CERTIFICATES),
    };
  },
  takeOut: (text, _name, path) => withoutCertificates(text, path),
  reads: (about, view) =>
    placesFor(about, rootOf(readConfig(view)), view).flatMap(({ directory }) => [
      `${directory}/hosts.toml`,
      `${directory}/ca.crt`,
    ]),
};

/** Where containerd's own settings have it look for registries: what `ctr --hosts-dir` is to be given. */
export function hostsDirectory(view: RuntimeView): string {
  return rootOf(readConfig(view));
}

function placesFor({ name }: RuntimeCase, root: string, view: RuntimeView): readonly Place[] {
  return name.aliases.map((alias) => ({ alias, directory: directoryFor(root, alias, view) }));
}

/** The first of several directories: what lies there counts before what lies in the others. */
function rootOf({ criPath }: ContainerdConfig): string {
  const first = (criPath ?? CERTIFICATES).split(":").find((each) => each.startsWith("/"));
  return first?.replace(/\/+$/, "") ?? CERTIFICATES;
}

/** Docker's own directory, written already. */
function isDockers({ selected }: RuntimeCase, { alias, directory }: Place): boolean {
  return directory === `${DOCKER_CERTIFICATES}/${alias}` && selected.includes("docker");
}

/** Even an empty host_port_ counts before host:port. */
function directoryFor(root: string, alias: string, view: RuntimeView): string {
  const first = `${root}/${underscored(alias)}`;
  return view.entry(first).kind === "absent" ? `${root}/${alias}` : first;
}

function filesFor(about: RuntimeCase, { alias, directory }: Place, view: RuntimeView): readonly RuntimeFile[] {
  const certificates = certificateFiles(directory, about);
  const path = `${directory}/hosts.toml`;
  if (!isOursToWrite(directory, view)) return certificates;
  const text = renderHostsToml(`https://${alias}`, directory, presentIn(about));
  return [...certificates, { path, bytes: Buffer.from(text), mode: 0o644 }];
}

/** One of somebody else is edited; and none is made where it would hide the certificates of somebody else. */
function isOursToWrite(directory: string, view: RuntimeView): boolean {
  const path = `${directory}/hosts.toml`;
  if (view.entry(path).kind !== "absent") return isOwnHostsToml(view.text(path));
  return layoutNames(directory, view).length === 0;
}

/** Where no hosts.toml is, the files of Docker's layout count, and what is wrong with them. */
function layoutConflicts(about: RuntimeCase, places: readonly Place[], view: RuntimeView): readonly Problem[] {
  const directories = places.map(({ directory }) => directory);
  const read = directories.filter((directory) => view.entry(`${directory}/hosts.toml`).kind === "absent");
  return [...directoryConflicts("containerd", about, read, view), ...emptyConflicts("containerd", about, read, view)];
}

function brokenConfig({ name }: RuntimeCase, { broken }: ContainerdConfig): readonly Problem[] {
  return broken.map(({ path, reason }) =>
    problem("RC-RUN-005", { path, reason, runtime: "containerd", name: name.key }, [path]),
  );
}

function unchecked({ name }: RuntimeCase, places: readonly Place[], view: RuntimeView): readonly Problem[] {
  return places.flatMap(({ directory }) => {
    const path = `${directory}/hosts.toml`;
    const text = view.text(path);
    if (text === undefined || uncheckedHosts(text, name.aliases).length === 0) return [];
    const facts = { runtime: "containerd", name: name.key, path, entry: "skip_verify = true" };
    return [problem("RC-RUN-003", { ...facts, after: "containerd reads it anew each time" }, [path])];
  });
}
