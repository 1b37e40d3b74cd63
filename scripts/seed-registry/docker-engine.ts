import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { resolve } from "node:path";
import type { Engine, Part } from "./engine.ts";
import { done, failed, type Outcome } from "./fault.ts";
import { findProgram, writeFileAtomically, type FileAccess } from "./files.ts";
import { waitForHealth } from "./health.ts";
import { layOut, type Layout } from "./layout.ts";
import { writeNginxConfig } from "./nginx.ts";
import { writeRegistryConfig } from "./registry-config.ts";
import type { Settings } from "./settings.ts";

/** Images may have to be pulled first; that is bounded by COMPOSE_LIMIT_MS instead. */
const START_LIMIT_MS = 30_000;
const COMPOSE_LIMIT_MS = 600_000;
const COMPOSE_FILE = resolve(import.meta.dirname, "../compose/devregistry.yaml");
/** Where the data folder is in the nginx container, and the group of that image's workers. */
const INSIDE = "/devregistry";
const NGINX_IMAGE_GID = 101;

/** Runs the images registry:2 and nginx with Docker Compose. */
export function makeDockerEngine(settings: Settings, layout: Layout): Engine {
  const compose = (...args: readonly string[]): Outcome<string> => runCompose(layout, args);
  const stop = async (): Promise<Outcome<void>> => {
    const ran = compose("down");
    return ran.ok ? done(undefined) : ran;
  };
  return {
    start: async (signal) => {
      writeComposeFiles(settings, layout);
      const ran = compose("up", "--detach");
      const outcome = ran.ok ? await waitUntilHealthy(settings, signal, compose) : ran;
      if (!outcome.ok) await stop();
      return outcome;
    },
    stop,
    reload: () => {
      const ran = compose("kill", "--signal", "SIGHUP", "nginx");
      return ran.ok ? done(undefined) : ran;
    },
    parts: () => {
      const ran = compose("ps", "--services", "--filter", "status=running");
      const running = ran.ok ? ran.value.split("\n") : [];
      return (["registry", "nginx"] as const).map((name) => tellPart(name, running.includes(name)));
    },
    htpasswdAccess: htpasswdAccess(),
    logCommand: (lines, follow) => [
      ...(composeCommand() ?? ["docker-compose"]),
      ...projectFlags(layout),
      "logs",
      `--tail=${lines}`,
      ...(follow ? ["--follow"] : []),
    ],
  };
}

/** The files that the compose file mounts or reads. */
export function writeComposeFiles(settings: Settings, layout: Layout): void {
  copyFileSync(COMPOSE_FILE, layout.compose);
  const registryHost = settings.exposeRegistry ? "" : "127.0.0.1:";
  const httpsHost = settings.listen === null ? "" : `${bracket(settings.listen)}:`;
  const env = {
    DEVREGISTRY_REGISTRY: `${registryHost}${settings.registryPort}`,
    DEVREGISTRY_HTTPS: `${httpsHost}${settings.httpsPort}`,
  };
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  writeFileAtomically(layout.composeEnv, lines.join(""), { mode: 0o644 });
  const registry = writeRegistryConfig(settings, "/var/lib/registry", ":5000");
  writeFileAtomically(layout.registryConfig, registry, { mode: 0o600 });
  const nginx = writeNginxConfig(settings, {
    layout: layOut(INSIDE),
    workerUser: "nginx",
    hasIPv6: false,
    upstream: "registry:5000",
    listen: { address: null, port: 443 },
    daemon: false,
  });
  writeFileAtomically(layout.nginxConfig, nginx, { mode: 0o644 });
}

async function waitUntilHealthy(
  settings: Settings,
  signal: AbortSignal,
  compose: (...args: readonly string[]) => Outcome<string>,
): Promise<Outcome<void>> {
  const health = await waitForHealth(settings, signal, START_LIMIT_MS);
  if (health.isHealthy) return done(undefined);
  const logs = compose("logs", "--tail=5");
  const evidence = [health.registry, health.front, ...(logs.ok ? logs.value.trim().split("\n") : [])];
  return failed("the registry does not answer as it should", [], evidence);
}

function htpasswdAccess(): FileAccess {
  // Without root the group cannot be given away; the hashes are then readable on this host.
  return process.getuid?.() === 0 ? { mode: 0o640, gid: NGINX_IMAGE_GID } : { mode: 0o644 };
}

function tellPart(name: "registry" | "nginx", isRunning: boolean): Part {
  return { name, isRunning, detail: isRunning ? "running in a container" : "not running" };
}

function runCompose(layout: Layout, args: readonly string[]): Outcome<string> {
  const command = composeCommand();
  if (command === undefined) return failed("Docker Compose is missing", ["sudo apt-get install docker-compose"]);
  const [program = "docker", ...first] = command;
  const ran = spawnSync(program, [...first, ...projectFlags(layout), ...args], {
    encoding: "utf8",
    timeout: COMPOSE_LIMIT_MS,
    cwd: layout.data,
  });
  if (ran.status === 0) return done(ran.stdout);
  const lines = (ran.stderr || ran.error?.message || "").trim().split("\n");
  return failed(`Docker Compose failed: ${args.join(" ")}`, [], lines.slice(-8));
}

function composeCommand(): readonly string[] | undefined {
  if (findProgram("docker") !== undefined && spawnSync("docker", ["compose", "version"]).status === 0)
    return ["docker", "compose"];
  return findProgram("docker-compose") === undefined ? undefined : ["docker-compose"];
}

/** An own project for every data folder, so that instances do not take each other's containers for theirs. */
function projectFlags(layout: Layout): readonly string[] {
  const id = createHash("sha256").update(layout.data).digest("hex").slice(0, 8);
  return ["--project-name", `devregistry-${id}`, "--file", layout.compose];
}

function bracket(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}
