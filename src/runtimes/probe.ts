import type { Host } from "../host/ports.ts";
import type { RuntimeId } from "./runtime-ids.ts";
import { runtimes } from "./runtimes.ts";
import type { FoundRuntime, Runtime } from "./runtime.ts";

const DIRECTORIES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/snap/bin"];
const VERSION_TIMEOUT_MS = 3000;

type Prober = Pick<Host, "files" | "processes">;

/** The runtimes that are on the host, by their programs, sockets and configuration. Only programs are run, to say their version. */
export async function probeRuntimes(
  host: Prober,
  versions: "all" | "needed",
): Promise<ReadonlyMap<RuntimeId, FoundRuntime>> {
  const found = await Promise.all(
    runtimes.map(
      async (runtime) =>
        [runtime.id, await probe(host, runtime, versions === "all" || runtime.versionMatters === true)] as const,
    ),
  );
  return new Map(found.flatMap(([id, each]) => (each === undefined ? [] : [[id, each] as const])));
}

async function probe(host: Prober, runtime: Runtime, wantsVersion: boolean): Promise<FoundRuntime | undefined> {
  const program = await findProgram(host, runtime.signs.programs);
  if (program !== undefined) {
    return { sign: program, version: wantsVersion ? await askVersion(host, runtime, program) : undefined };
  }
  for (const path of runtime.signs.paths) {
    if ((await kindAt(host, path)) !== "absent") return { sign: path, version: undefined };
  }
  return undefined;
}

/** Where the first of these programs lies, in the usual directories; undefined where none is. */
export async function findProgram(host: Pick<Host, "files">, programs: readonly string[]): Promise<string | undefined> {
  for (const program of programs) {
    for (const directory of DIRECTORIES) {
      const path = `${directory}/${program}`;
      // read with a limit of no bytes, a program is a file too large to be read
      if (["file", "unreadable"].includes(await kindAt(host, path))) return path;
    }
  }
  return undefined;
}

async function kindAt({ files }: Pick<Host, "files">, path: string): Promise<string> {
  return (await files.readEntry(await files.resolveLinks(path), 0)).kind;
}

/** The programs below another root are not run: they may be for another machine, and would see this one's files. */
async function askVersion(host: Prober, { signs }: Runtime, program: string): Promise<string | undefined> {
  // a program that has no version to tell would do its work
  if (host.files.root !== "/" || signs.versionArguments === undefined) return undefined;
  const argv = [program, ...signs.versionArguments];
  const { code, stdout } = await host.processes.run(argv, { input: new Uint8Array(), timeoutMs: VERSION_TIMEOUT_MS });
  return code === 0 ? /\d+\.\d+(?:\.\d+)?[^\s,]*/.exec(Buffer.from(stdout).toString("utf8"))?.[0] : undefined;
}
