import { problem, type Problem } from "../findings/problem.ts";
import type { RuntimeCase, RuntimeView } from "./runtime.ts";

/** The paths to look at for `directoryConflicts`: the directories, and in them what is named like a CA certificate. */
export function directoryPaths(directories: readonly string[], view: RuntimeView): readonly string[] {
  return directories.flatMap((path) => [
    path,
    ...namesIn(path, view)
      .filter((name) => name.endsWith(".crt"))
      .map((name) => `${path}/${name}`),
  ]);
}

/**
 * What makes a loader of Docker's layout (dockerd, podman, skopeo) refuse every connection to a host, whatever CA lies
 * beside it: half a client certificate, a directory or a dangling link named like a CA certificate.
 */
export function directoryConflicts(
  runtime: string,
  about: Pick<RuntimeCase, "name" | "client">,
  directories: readonly string[],
  view: RuntimeView,
): readonly Problem[] {
  // half of our own pair is whole again in a moment
  const coming = about.client === undefined ? [] : ["client.cert", "client.key"];
  return conflictsIn(runtime, about, directories, view, (name, directory) =>
    reasonAgainst([...namesIn(directory, view), ...coming], name, view, directory),
  );
}

/** What makes containerd's loader do so too: a file named like a CA certificate with no certificate in PEM in it. */
export function emptyConflicts(
  runtime: string,
  about: Pick<RuntimeCase, "name">,
  directories: readonly string[],
  view: RuntimeView,
): readonly Problem[] {
  return conflictsIn(runtime, about, directories, view, (name, directory) => {
    const text = name.endsWith(".crt") && name !== "ca.crt" ? view.text(`${directory}/${name}`) : undefined;
    return text === undefined || text.includes("-----BEGIN CERTIFICATE-----")
      ? undefined
      : "it has no certificate in PEM";
  });
}

function conflictsIn(
  runtime: string,
  about: Pick<RuntimeCase, "name">,
  directories: readonly string[],
  view: RuntimeView,
  reasonFor: (name: string, directory: string) => string | undefined,
): readonly Problem[] {
  return directories.flatMap((directory) =>
    namesIn(directory, view).flatMap((name) => {
      const reason = reasonFor(name, directory);
      if (reason === undefined) return [];
      const path = `${directory}/${name}`;
      const facts = { path, directory, runtime, name: about.name.key, reason };
      return [problem("RC-RUN-001", facts, [`${path}: ${reason}`])];
    }),
  );
}

/**
 * Why a file among `names` makes Docker's loader (moby registry/registry.go, ReadCertsDirectory) refuse its directory: a
 * client certificate lies in NAME.cert and its key in NAME.key, and one without the other is an error. Undefined for any
 * other file.
 */
export function whyHalfPair(name: string, names: readonly string[]): string | undefined {
  const stem = name.replace(/\.[^.]*$/, "");
  if (name.endsWith(".cert") && !names.includes(`${stem}.key`))
    return `it is a client certificate, and its key ${stem}.key is not there`;
  if (name.endsWith(".key") && !names.includes(`${stem}.cert`))
    return `it is a client's key, and its certificate ${stem}.cert is not there`;
  return undefined;
}

/** The names in a directory, none where there is no such thing. */
export function namesIn(path: string, view: RuntimeView): readonly string[] {
  const entry = view.entry(path);
  return entry.kind === "directory" ? entry.names : [];
}

function reasonAgainst(
  names: readonly string[],
  name: string,
  view: RuntimeView,
  directory: string,
): string | undefined {
  const half = whyHalfPair(name, names);
  if (half !== undefined || !name.endsWith(".crt")) return half;
  const { kind } = view.entry(`${directory}/${name}`);
  if (kind === "directory") return "it is a directory named like a CA certificate";
  return kind === "absent" ? "it is a link that leads nowhere" : undefined;
}
