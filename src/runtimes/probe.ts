import type { Host } from "../host/ports.ts";
import type { RuntimeId } from "./runtime-ids.ts";
import { runtimes } from "./runtimes.ts";
import type { FoundRuntime, Runtime } from "./runtime.ts";

const DIRECTORIES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/snap/bin"];
const VERSION_TIMEOUT_MS = 3000;

/** The runtimes that are there, and what shows it. */
export type FoundRuntimes = ReadonlyMap<RuntimeId, FoundRuntime>;

type Prober = Pick<Host, "files" | "processes">;

/** The runtimes that are on the host, by their programs, sockets and configuration. Only programs are run, to say their version. */
export async function probeRuntimes(host: Prober, versions: "all" | "needed"): Promise<FoundRuntimes> {
  const directories = await listDirectories(host);
  const found = await Promise.all(
    runtimes.map(async (runtime) => {
      const wantsVersion = versions === "all" || runtime.versionMatters === true;
      return [runtime.id, await probe(host, runtime, directories, wantsVersion)] as const;
    }),
  );
  return new Map(found.flatMap(([id, each]) => (each === undefined ? [] : [[id, each] as const])));
}

/** Each once, by where it leads: on most hosts some of them lead to others. */
async function listDirectories({ files }: Pick<Host, "files">): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const path of DIRECTORIES) {
    const real = await files.resolveLinks(path);
    if (!found.has(real)) found.set(real, path);
  }
  return found;
}

async function probe(
  host: Prober,
  runtime: Runtime,
  directories: ReadonlyMap<string, string>,
  wantsVersion: boolean,
): Promise<FoundRuntime | undefined> {
  const program = await searchProgram(host, directories, runtime.signs.programs);
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
  return searchProgram(host, await listDirectories(host), programs);
}

async function searchProgram(
  host: Pick<Host, "files">,
  directories: ReadonlyMap<string, string>,
  programs: readonly string[],
): Promise<string | undefined> {
  for (const program of programs) {
    for (const [real, directory] of directories) {
      // read with a limit of no bytes, a program is a file too large to be read
      const { kind } = await host.files.readEntry(`${real}/${program}`, 0);
      const isThere = kind === "symlink" ? isProgram(await kindAt(host, `${real}/${program}`)) : isProgram(kind);
      if (isThere) return `${directory}/${program}`;
    }
  }
  return undefined;
}

function isProgram(kind: string): boolean {
  return kind === "file" || kind === "unreadable";
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
