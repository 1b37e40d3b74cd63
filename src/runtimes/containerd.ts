import { problem, type Problem } from "../findings/problem.ts";
import { configPaths, readConfig, type ContainerdConfig } from "./containerd-config.ts";
import { containerdAdvice } from "./containerd-advice.ts";
import { DOCKER_CERTIFICATES } from "./docker.ts";
import {
  isOwnHostsToml,
  renderHostsToml,
  uncheckedHosts,
  withCertificates,
  withoutCertificates,
} from "./hosts-toml.ts";
import {
  wantNothing,
  type Runtime,
  type RuntimeCase,
  type RuntimeFile,
  type RuntimeView,
  type SharedEdit,
} from "./runtime.ts";

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
    const hosts = about.name.aliases.map((alias) => `${directoryFor(root, alias, view)}/hosts.toml`);
    return [...configPaths(view), `${root}/_default`, ...possible, ...hosts];
  },
  wants: (about, view) => {
    const config = readConfig(view);
    const places = placesFor(about, rootOf(config), view);
    const isWritten = !isDockers(about, rootOf(config));
    return {
      ...wantNothing("containerd"),
      files: isWritten ? places.flatMap((place) => filesFor(about, place, view)) : [],
      edits: isWritten ? places.flatMap((place) => editsFor(about, place, view)) : [],
      notes: [
        ...shadowNotes(places, rootOf(config), view),
        ...(isWritten ? [] : [`containerd reads ${DOCKER_CERTIFICATES} too`]),
      ],
      warnings: [...brokenConfig(about, config), ...unchecked(about, places, view)],
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

/** A name of the registry, and the directory that is read for it. */
interface Place {
  readonly alias: string;
  readonly directory: string;
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
function isDockers({ selected }: RuntimeCase, root: string): boolean {
  return root === DOCKER_CERTIFICATES && selected.includes("docker");
}

/** Even an empty host_port_ counts before host:port. */
function directoryFor(root: string, alias: string, view: RuntimeView): string {
  const first = `${root}/${underscored(alias)}`;
  return view.entry(first).kind === "absent" ? `${root}/${alias}` : first;
}

function underscored(alias: string): string {
  return alias.replace(/:(\d+)$/, "_$1_");
}

function filesFor(about: RuntimeCase, { alias, directory }: Place, view: RuntimeView): readonly RuntimeFile[] {
  const certificates = { path: `${directory}/ca.crt`, bytes: Buffer.from(about.bundle), mode: 0o644 };
  const path = `${directory}/hosts.toml`;
  if (isForeign(path, view)) return [certificates];
  const text = renderHostsToml(`https://${alias}`, certificates.path);
  return [certificates, { path, bytes: Buffer.from(text), mode: 0o644 }];
}

function editsFor({ name }: RuntimeCase, { directory }: Place, view: RuntimeView): readonly SharedEdit[] {
  const path = `${directory}/hosts.toml`;
  if (!isForeign(path, view)) return [];
  return [{ path, mode: 0o644, put: (text) => withCertificates(text, path, name.aliases) }];
}

/** Somebody wrote it before regclient. */
function isForeign(path: string, view: RuntimeView): boolean {
  return view.entry(path).kind !== "absent" && !isOwnHostsToml(view.text(path));
}

function shadowNotes(places: readonly Place[], root: string, view: RuntimeView): readonly string[] {
  const shadowing = places.filter(({ alias, directory }) => directory !== `${root}/${alias}`);
  const fallback = places.filter(({ directory }) => view.entry(directory).kind === "absent");
  const hidesDefault = fallback.length > 0 && view.entry(`${root}/_default`).kind !== "absent";
  return [
    ...shadowing.map(
      ({ alias, directory }) => `containerd reads ${directory} in place of ${root}/${alias}, so it is written there`,
    ),
    ...(hidesDefault
      ? [`what ${root}/_default says no longer counts for ${fallback[0]?.alias}, which has a directory of its own now`]
      : []),
  ];
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
