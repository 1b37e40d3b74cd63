import { makeDebianEngine } from "./debian-engine.ts";
import { makeDockerEngine } from "./docker-engine.ts";
import { done, failed, type Outcome } from "./fault.ts";
import { findProgram, type FileAccess } from "./files.ts";
import type { Layout } from "./layout.ts";
import type { Settings } from "./settings.ts";

/** One of the two parts of an instance. */
export interface Part {
  readonly name: "registry" | "nginx";
  readonly isRunning: boolean;
  readonly detail: string;
}

/** What runs the registry and its nginx. */
export interface Engine {
  /** Writes their configuration and starts both. A failed start leaves neither running. */
  start(signal: AbortSignal): Promise<Outcome<void>>;
  stop(): Promise<Outcome<void>>;
  /** Has nginx read its configuration and certificate again. */
  reload(): Outcome<void>;
  parts(): readonly Part[];
  /** Who may read the htpasswd file. */
  readonly htpasswdAccess: FileAccess;
  /** The command that shows their logs. */
  logCommand(lines: number, follow: boolean): readonly string[];
}

/** The engine that `settings` name. */
export function makeEngine(settings: Settings, layout: Layout): Engine {
  return settings.engine === "debian" ? makeDebianEngine(settings, layout) : makeDockerEngine(settings, layout);
}

/** The engine to use when none is named: Debian's programs when both are there, else Docker. */
export function chooseEngine(wanted: Settings["engine"] | undefined): Outcome<Settings["engine"]> {
  const missing = ["docker-registry", "nginx"].filter((program) => findProgram(program) === undefined);
  const hasDocker = findProgram("docker") !== undefined || findProgram("docker-compose") !== undefined;
  if (wanted !== "docker" && missing.length === 0) return done("debian");
  if (wanted !== "debian" && hasDocker) return done("docker");
  const aptLine = `sudo apt-get install ${missing.join(" ")}`;
  if (wanted === "debian") return failed(`missing programs: ${missing.join(", ")}`, [aptLine]);
  if (wanted === "docker") return failed("missing program: docker", ["sudo apt-get install docker.io docker-compose"]);
  return failed(`missing programs: ${missing.join(", ")}, and no docker either`, [aptLine]);
}
