import { namesIn } from "./certificate-directory.ts";
import type { RuntimeView } from "./runtime.ts";

/** A name of the registry, and the directory that is read for it. */
export interface Place {
  readonly alias: string;
  readonly directory: string;
}

/** What counts in place of what a person might expect to count. */
export function containerdNotes(places: readonly Place[], root: string, view: RuntimeView): readonly string[] {
  return places.flatMap(({ alias, directory }) => [
    ...(directory === `${root}/${alias}`
      ? []
      : [`containerd reads ${directory} in place of ${root}/${alias}, so it is written there`]),
    ...hiddenDefault(root, { alias, directory }, view),
    ...hiddenCertificates(directory, view),
  ]);
}

/** Files of others in Docker's layout, which containerd reads as long as no hosts.toml is beside them. */
export function layoutNames(directory: string, view: RuntimeView): readonly string[] {
  const ours = new Set(["ca.crt", "client.cert", "client.key"]);
  return namesIn(directory, view).filter((name) => /\.(?:crt|cert|key)$/.test(name) && !ours.has(name));
}

function hiddenDefault(root: string, { alias, directory }: Place, view: RuntimeView): readonly string[] {
  if (view.entry(directory).kind !== "absent" || view.entry(`${root}/_default`).kind === "absent") return [];
  return [`what ${root}/_default says no longer counts for ${alias}, which has a directory of its own now`];
}

function hiddenCertificates(directory: string, view: RuntimeView): readonly string[] {
  const names = layoutNames(directory, view);
  if (names.length === 0 || view.entry(`${directory}/hosts.toml`).kind === "absent") return [];
  return [`${directory}/hosts.toml hides what lies beside it from containerd, unless it names it: ${names.join(", ")}`];
}
