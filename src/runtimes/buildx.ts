import { problem, printable, type Problem } from "../findings/problem.ts";
import { namesIn } from "./certificate-directory.ts";
import { tomlLines } from "./formats/toml.ts";
import type { Account } from "../host/ports.ts";
import type { RuntimeCase, RuntimeView } from "./runtime.ts";

// a directory of a user, who could put any number of files there
const MOST_BUILDERS = 32;

/** The paths to look at for `buildxAdvice`. */
export function buildxPaths(accounts: readonly Account[], view: RuntimeView): readonly string[] {
  return accounts
    .map(instancesOf)
    .flatMap((path) => [path, ...buildersIn(path, view).map((name) => `${path}/${name}`)]);
}

/**
 * Builders in a container of their own: `docker buildx create` copies configuration and certificates into it, and nothing
 * that is written to the host later is seen there (docker/buildx: store/nodegroup.go, the instance file).
 */
export function buildxAdvice(about: RuntimeCase, view: RuntimeView, caFile: string): readonly Problem[] {
  return about.accounts.flatMap((account) => {
    const path = instancesOf(account);
    return buildersIn(path, view).flatMap((name) => {
      const instance = readInstance(view.text(`${path}/${name}`));
      if (instance?.Driver !== "docker-container" || hasCertificates(instance, about)) return [];
      return [explain(about, { path: `${path}/${name}`, builder: name, login: account.login }, caFile)];
    });
  });
}

function buildersIn(path: string, view: RuntimeView): readonly string[] {
  return namesIn(path, view).slice(0, MOST_BUILDERS);
}

interface Instance {
  readonly Driver?: unknown;
  readonly Nodes?: unknown;
}

function readInstance(text: string | undefined): Instance | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The files that were copied are in the instance file, in base64. It is a user's: anything may stand in it. */
function hasCertificates({ Nodes: nodes }: Instance, { bundle }: RuntimeCase): boolean {
  if (!Array.isArray(nodes)) return false;
  return nodes.every((node: { readonly Files?: unknown } | null | undefined) =>
    Object.values(node?.Files ?? {}).some(
      (content) => typeof content === "string" && Buffer.from(content, "base64").toString("utf8") === bundle,
    ),
  );
}

function explain(
  { name }: RuntimeCase,
  facts: { readonly path: string; readonly builder: string; readonly login: string },
  caFile: string,
): Problem {
  const made = problem("RC-RUN-031", { ...facts, name: name.key }, [facts.path]);
  const table = tomlLines([{ kind: "element", table: ["registry", name.referencePrefix], key: "ca", element: caFile }]);
  return {
    ...made,
    fix: [
      "put into a file, here called buildkitd.toml:",
      ...table.filter((line) => !/^(?:#|$)/.test(line)).map(printable),
      ...made.fix,
    ],
  };
}

function instancesOf({ home }: Account): string {
  return `${home}/.docker/buildx/instances`;
}
