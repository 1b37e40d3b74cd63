import { secret } from "../credentials/secret.ts";
import type { Host } from "../host/ports.ts";
import type { RuntimeId } from "../runtimes/runtime-ids.ts";
import { renderBundle } from "../trust/bundle.ts";
import { parseAnchors } from "./anchors.ts";
import type { EnrolledRegistry } from "./enrolled.ts";
import { observeRuntimes } from "./observe-runtimes.ts";

/** A runtime that a registry is enrolled for, and the files that are there for it to read. */
export interface InspectedRuntime {
  readonly id: RuntimeId;
  readonly title: string;
  /** What shows that it is on the host; undefined: it is not. */
  readonly sign: string | undefined;
  /** As its program says; undefined where that could not be run. */
  readonly version: string | undefined;
  readonly reads: readonly string[];
}

/** The runtimes that are written for, with what each of them reads for this registry. Nothing is changed. */
export async function inspectRuntimes(host: Host, enrolled: EnrolledRegistry): Promise<readonly InspectedRuntime[]> {
  // without a declaration, as a new one would say
  const declaration = enrolled.declaration ?? {
    runtimes: ["auto" as const],
    credentials: { users: [] },
    address: undefined,
  };
  const bundle = renderBundle(parseAnchors(enrolled.state.anchors));
  // only the paths count here, and of those only what is there
  const client = { chain: "", key: secret("") };
  const written = enrolled.state.files.map(({ path }) => path);
  const options = { bundle, client, written, versions: "all" } as const;
  const observed = await observeRuntimes(host, enrolled.name, declaration, options);
  return Promise.all(
    observed.map(async ({ runtime, about, view }) => ({
      id: runtime.id,
      title: runtime.title,
      sign: about.found?.sign,
      version: about.found?.version,
      reads: await present(host, runtime.reads(about, view)),
    })),
  );
}

async function present({ files }: Host, paths: readonly string[]): Promise<readonly string[]> {
  const kinds = await Promise.all(
    paths.map(async (path) => (await files.readEntry(await files.resolveLinks(path))).kind),
  );
  return paths.filter((_, index) => kinds[index] !== "absent");
}
