import { viewOver } from "../../src/runtimes/view.ts";
import type { Entry } from "../../src/host/ports.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import type { Runtime, RuntimeCase, RuntimeView, RuntimeWants } from "../../src/runtimes/runtime.ts";
import { makeMemoryWorld } from "../support/memory-world.ts";
import { valueOf } from "../support/registry-client.ts";

/** A host's files as a table has them; a path that ends in / is an empty directory. */
export type Tree = Readonly<Record<string, string>>;

export const BUNDLE = "-----BEGIN CERTIFICATE-----\n";

/** The case of `name`, with `more` of it said. */
export function caseOf(name: string, more: Partial<RuntimeCase> = {}): RuntimeCase {
  return {
    name: valueOf(parseRegistryName(name)),
    bundle: BUNDLE,
    client: undefined,
    found: { sign: "/usr/bin/x", version: undefined },
    selected: ["docker", "containers", "containerd"],
    accounts: [{ login: "root", uid: 0, gid: 0, home: "/root" }],
    ...more,
  };
}

/** What a runtime wants on a host with these files; looking at a path that it did not name fails. */
export async function wantsOn(runtime: Runtime, tree: Tree, about: RuntimeCase): Promise<RuntimeWants> {
  return runtime.wants(about, await seen(runtime, tree, about));
}

/** What a runtime sees once it names no new paths. */
export async function seen(runtime: Runtime, tree: Tree, about: RuntimeCase): Promise<RuntimeView> {
  const files = Object.entries(tree).map(([path, text]) => [path.endsWith("/") ? `${path}.keep` : path, text]);
  const world = makeMemoryWorld(Object.fromEntries(files) as Record<string, string>);
  const looked = new Map<string, Entry>();
  for (;;) {
    const fresh = runtime
      .looksAt(
        about,
        viewOver((path) => looked.get(path) ?? { kind: "absent" }),
      )
      .filter((path) => !looked.has(path));
    if (fresh.length === 0) break;
    for (const path of fresh) looked.set(path, await world.files.readEntry(path));
  }
  return viewOver((path) => {
    const entry = looked.get(path);
    if (entry === undefined) throw new Error(`not named: ${path}`);
    return entry;
  });
}
