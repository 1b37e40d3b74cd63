import { appendFileSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { LabHost } from "./host.ts";

/** What processes of a host were seen with while something ran. */
export interface Samples {
  /** File of the host that holds every command line and environment that was seen, each once. */
  readonly path: string;
  /** Command lines, with spaces between the words. */
  readonly commands: ReadonlySet<string>;
}

/** Reads command line and environment of all processes of the host over and over, until `work` is done. */
export async function sampleWhile(host: LabHost, work: () => Promise<unknown>): Promise<Samples> {
  const path = "/tmp/process-samples";
  const inside = readlinkSync(`/proc/${host.holderPid}/ns/pid`);
  const seen = new Set<string>();
  const commands = new Set<string>();
  const worked = work();
  let done = false;
  const end = (): void => void (done = true);
  worked.then(end, end);
  while (!done) {
    for (const [name, text] of readProcesses(inside)) {
      if (name === "cmdline") commands.add(text.replaceAll("\0", " ").trim());
      if (seen.has(text)) continue;
      seen.add(text);
      appendFileSync(host.path(path), `${text.replaceAll("\0", "\n")}\n`);
    }
    await new Promise((next) => setImmediate(next));
  }
  await worked;
  return { path, commands };
}

function* readProcesses(namespace: string): Generator<readonly ["cmdline" | "environ", string]> {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (readlinkSync(`/proc/${pid}/ns/pid`) !== namespace) continue;
      for (const name of ["cmdline", "environ"] as const) yield [name, readFileSync(`/proc/${pid}/${name}`, "utf8")];
    } catch {
      // it ended while it was read
    }
  }
}
