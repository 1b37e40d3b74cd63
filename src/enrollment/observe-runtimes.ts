import { listAccounts } from "../credentials/docker-config-files.ts";
import type { Host, ReadFiles } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import { probeRuntimes, type FoundRuntimes } from "../runtimes/probe.ts";
import { selectRuntimes } from "../runtimes/runtimes.ts";
import type { Runtime, RuntimeCase, RuntimeView, RuntimeWants } from "../runtimes/runtime.ts";
import { lookAround } from "../runtimes/view.ts";
import type { Declaration } from "./declaration.ts";

/** A runtime that is written for, the case it is told, and what was seen where it looked. */
export interface ObservedRuntime {
  readonly runtime: Runtime;
  readonly about: RuntimeCase;
  readonly view: RuntimeView;
}

/** The part of a declaration that says for which runtimes, and for whom. */
export type DeclaredRuntimes = Pick<Declaration, "runtimes" | "address"> & {
  readonly credentials: Pick<Declaration["credentials"], "users">;
};

/** What the runtimes are to trust (PEM) and to show, what was written for this registry before, and whose version is asked. */
export interface ObserveOptions {
  readonly bundle: string;
  readonly client: RuntimeCase["client"];
  readonly written: readonly string[];
  readonly versions?: "all" | "needed";
  /** What looking for runtimes has found already. */
  readonly found?: FoundRuntimes | undefined;
}

/** Looks for the declared runtimes, and at all that they must see. Nothing is changed. */
export async function observeRuntimes(
  host: Host,
  name: RegistryName,
  declaration: DeclaredRuntimes,
  options: ObserveOptions,
): Promise<readonly ObservedRuntime[]> {
  const { bundle, client, written, versions = "needed" } = options;
  const found = options.found ?? (await probeRuntimes(host, versions));
  const chosen = selectRuntimes(declaration.runtimes, found);
  const selected = chosen.map(({ id }) => id);
  const accounts = await listAccounts(host, declaration.credentials.users, written);
  return Promise.all(
    chosen.map(async (runtime) => {
      const { address } = declaration;
      const about: RuntimeCase = { name, bundle, client, found: found.get(runtime.id), selected, accounts, address };
      const looksAt = (view: RuntimeView): readonly string[] => runtime.looksAt(about, view);
      return { runtime, about, view: await lookAround(host.files, runtime.id, looksAt) };
    }),
  );
}

/** What the runtimes want, with what was seen; shared files by the path that symbolic links lead to. */
export async function collectWants(
  files: ReadFiles,
  observed: readonly ObservedRuntime[],
): Promise<readonly RuntimeWants[]> {
  return Promise.all(
    observed.map(async ({ runtime, about, view }) => {
      const wants = runtime.wants(about, view);
      const edits = wants.edits.map(async (edit) => ({ ...edit, path: await files.resolveLinks(edit.path) }));
      return {
        ...wants,
        edits: await Promise.all(edits),
        notes: [...absenceNotes({ runtime, about }), ...wants.notes],
      };
    }),
  );
}

/** The paths that what is wanted lies at. */
export function pathsOf(wants: readonly RuntimeWants[]): readonly string[] {
  return wants.flatMap(({ files, edits }) => [...files, ...edits].map(({ path }) => path));
}

function absenceNotes({ runtime, about }: Pick<ObservedRuntime, "runtime" | "about">): readonly string[] {
  if (about.found !== undefined || runtime.id === "docker") return [];
  return [`${runtime.id} was not found on this host (${runtime.title}); it is written for all the same`];
}
