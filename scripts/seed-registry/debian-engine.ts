import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chownSync, closeSync, existsSync, openSync, rmSync } from "node:fs";
import { endDaemon, findDaemon, signalDaemon } from "./daemons.ts";
import type { Engine } from "./engine.ts";
import { done, failed, type Outcome } from "./fault.ts";
import { findAccount, findProgram, readLastLines, writeFileAtomically, type FileAccess } from "./files.ts";
import { waitForHealth } from "./health.ts";
import type { Layout } from "./layout.ts";
import { writeNginxConfig } from "./nginx.ts";
import { writeRegistryConfig } from "./registry-config.ts";
import type { Settings } from "./settings.ts";

const START_LIMIT_MS = 20_000;

interface Accounts {
  readonly nginxLogin: string | undefined;
  readonly nginx: { readonly uid: number; readonly gid: number } | undefined;
  readonly registry: { readonly uid: number; readonly gid: number } | undefined;
}

/** Runs Debian's docker-registry and nginx as plain processes of this host. */
export function makeDebianEngine(settings: Settings, layout: Layout): Engine {
  const accounts = findAccounts();
  const registryPid = (): number | undefined => findDaemon(layout.registryPid, layout.registryConfig);
  const nginxPid = (): number | undefined => findDaemon(layout.nginxPid, layout.nginxConfig);
  const stop = async (): Promise<Outcome<void>> => {
    const pids = [nginxPid(), registryPid()].filter((pid) => pid !== undefined);
    await Promise.all(pids.map(endDaemon));
    for (const file of [layout.nginxPid, layout.registryPid]) rmSync(file, { force: true });
    return done(undefined);
  };
  return {
    start: async (signal) => {
      writeConfigs(settings, layout, accounts);
      const started = await startBoth(settings, layout, accounts, signal);
      if (!started.ok) await stop();
      return started;
    },
    stop,
    reload: () => {
      const pid = nginxPid();
      if (pid === undefined) return failed("nginx does not run", ["scripts/devregistry up"]);
      const checked = checkNginxConfig(layout);
      if (checked.ok) signalDaemon(pid, "SIGHUP");
      return checked;
    },
    parts: () => [tellPart("registry", registryPid()), tellPart("nginx", nginxPid())],
    htpasswdAccess: accessFor(accounts),
    logCommand: (lines, follow) => [
      "tail",
      ...(follow ? ["-F"] : []),
      `--lines=${lines}`,
      ...[layout.registryLog, layout.nginxErrorLog, layout.nginxAccessLog].filter((file) => existsSync(file)),
    ],
  };
}

function findAccounts(): Accounts {
  if (process.getuid?.() !== 0) return { nginxLogin: undefined, nginx: undefined, registry: undefined };
  const nginxLogin = ["www-data", "nginx", "nobody"].find((login) => findAccount(login) !== undefined);
  return {
    nginxLogin,
    nginx: nginxLogin === undefined ? undefined : findAccount(nginxLogin),
    registry: findAccount("docker-registry"),
  };
}

function accessFor({ nginx }: Accounts): FileAccess {
  return nginx === undefined ? { mode: 0o600 } : { mode: 0o640, gid: nginx.gid };
}

function tellPart(name: "registry" | "nginx", pid: number | undefined): ReturnType<Engine["parts"]>[number] {
  return { name, isRunning: pid !== undefined, detail: pid === undefined ? "not running" : `running, pid ${pid}` };
}

function writeConfigs(settings: Settings, layout: Layout, accounts: Accounts): void {
  const host = settings.exposeRegistry ? "" : "127.0.0.1";
  const registry = writeRegistryConfig(settings, layout.registryData, `${host}:${settings.registryPort}`);
  const gid = accounts.registry?.gid;
  const access: FileAccess = gid === undefined ? { mode: 0o600 } : { mode: 0o640, gid };
  writeFileAtomically(layout.registryConfig, registry, access);
  if (accounts.registry !== undefined) chownSync(layout.registryData, accounts.registry.uid, accounts.registry.gid);
  const nginx = writeNginxConfig(settings, {
    layout,
    workerUser: accounts.nginxLogin,
    hasIPv6: existsSync("/proc/net/if_inet6"),
    upstream: `127.0.0.1:${settings.registryPort}`,
    listen: { address: settings.listen, port: settings.httpsPort },
    daemon: true,
  });
  writeFileAtomically(layout.nginxConfig, nginx, { mode: 0o644 });
}

async function startBoth(
  settings: Settings,
  layout: Layout,
  accounts: Accounts,
  signal: AbortSignal,
): Promise<Outcome<void>> {
  const registry = startRegistry(layout, accounts);
  const nginx = checkNginxConfig(layout);
  if (!nginx.ok) return nginx;
  const front = runNginx(layout, []);
  if (!front.ok) return front;
  const hasEnded = (): boolean => registry.exitCode !== null || registry.signalCode !== null;
  const health = await waitForHealth(settings, signal, START_LIMIT_MS, (one) => one.isHealthy || hasEnded());
  registry.unref();
  if (hasEnded()) return failed("the registry ended at once", [], readLastLines(layout.registryLog, 5));
  if (health.isHealthy) return done(undefined);
  const complaints = readLastLines(layout.nginxErrorLog, 5).filter((line) =>
    /\[(?:error|crit|alert|emerg)\]/.test(line),
  );
  const evidence = [health.registry, health.front, ...complaints];
  return failed(signal.aborted ? "interrupted" : "the registry does not answer as it should", [], evidence);
}

function startRegistry(layout: Layout, accounts: Accounts): ChildProcess {
  const log = openSync(layout.registryLog, "a", 0o640);
  // The account's home may not exist, and tracing or proxy variables of the caller are none of its business.
  const child = spawn(findProgram("docker-registry") ?? "docker-registry", ["serve", layout.registryConfig], {
    cwd: layout.registryData,
    detached: true,
    stdio: ["ignore", log, log],
    env: { PATH: process.env["PATH"] },
    ...accounts.registry,
  });
  closeSync(log);
  // A failed start shows as an early end.
  child.once("error", () => undefined);
  writeFileAtomically(layout.registryPid, `${child.pid ?? ""}\n`, { mode: 0o644 });
  return child;
}

function checkNginxConfig(layout: Layout): Outcome<void> {
  return runNginx(layout, ["-t", "-q"]);
}

/** nginx leaves the foreground once it has its ports, and complains there when it has not. */
function runNginx(layout: Layout, flags: readonly string[]): Outcome<void> {
  const where = ["-p", layout.nginxFolder, "-c", layout.nginxConfig, "-e", layout.nginxErrorLog];
  const ran = spawnSync(findProgram("nginx") ?? "nginx", [...where, ...flags], {
    encoding: "utf8",
    timeout: START_LIMIT_MS,
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env["PATH"] },
  });
  if (ran.status === 0) return done(undefined);
  const lines = (ran.stderr || ran.error?.message || "").trim().split("\n");
  const refused = lines.find((line) => /bind\(\)/.test(line));
  const fix = refused === undefined ? [] : explainBind(refused);
  return failed("nginx did not start", fix, [...new Set(lines)].slice(0, 8));
}

function explainBind(line: string): readonly string[] {
  if (/Permission denied/.test(line))
    return ["ports below 1024 need root: run it with sudo, or take --https-port 8443"];
  if (/in use/.test(line)) return ["another program has the port: stop it, or take --https-port 8443"];
  return ["the address is not one of this host: see --listen"];
}
