import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createReconcileLoop } from "../../src/daemon/reconcile-loop.ts";
import { createRegistryPasses } from "../../src/daemon/registry-passes.ts";
import { parseSettings } from "../../src/daemon/settings.ts";
import { quietPass, startManyRegistries } from "./many-registries.ts";

const TOP = join(import.meta.dirname, "../..");
const NODE = join(TOP, "node_modules/.bin/node");
const REGISTRIES = 50;
const MEASURED_AT = [100, 1000, 10_000];
const STRETCH_MS = 180_000;
// getconf CLK_TCK, the same on every Linux that Node runs on
const TICKS_PER_SECOND = 100;

/** What the daemon costs a host: memory over many passes, time of the processor while nothing changes, memory beside a Node. */
export async function benchDaemon(): Promise<readonly string[]> {
  const idle = await measureIdle();
  const growth = await measureGrowth();
  return [
    `| daemon, ${REGISTRIES} registries with a login each, default schedule | |`,
    "|---|---:|",
    `| time of one core while nothing changes, over ${STRETCH_MS / 1000} s | **${idle.percent.toFixed(3)} %** |`,
    `| resident memory | ${mib(idle.daemonBytes)} MiB |`,
    `| a bare Node that waits | ${mib(idle.nodeBytes)} MiB |`,
    `| ratio | **${(idle.daemonBytes / idle.nodeBytes).toFixed(2)}** |`,
    "",
    "| passes in one process, registry included | heap in use, MiB | resident, MiB |",
    "|---:|---:|---:|",
    ...growth.map(({ passes, heap, resident }) => `| ${passes} | ${mib(heap)} | ${mib(resident)} |`),
  ];
}

interface Idle {
  readonly percent: number;
  readonly daemonBytes: number;
  readonly nodeBytes: number;
}

/** First passes are spread over the whole interval, so that the stretch has its share of passes. */
async function measureIdle(): Promise<Idle> {
  const many = await startManyRegistries(REGISTRIES);
  mkdirSync(join(many.root, "etc/regclient"), { recursive: true });
  writeFileSync(join(many.root, "etc/regclient/daemon.yaml"), "version: 1\nreconcile: { startSpread: 15m }\n");
  const argv = ["--root", many.root, "daemon", "--socket", join(many.root, "credentials.sock")];
  const daemon = spawn(join(TOP, "bin/regclient"), argv, { stdio: ["ignore", "ignore", "pipe"] });
  const bare = spawn(NODE, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
  try {
    let log = "";
    daemon.stderr.on("data", (chunk: Buffer) => void (log += chunk.toString()));
    await wait(15_000);
    if (/ (?:warning|error) /.test(log) || !log.includes("part=reconcile")) throw new Error(log);
    const before = ticksOf(daemon.pid);
    await wait(STRETCH_MS);
    const ticks = ticksOf(daemon.pid) - before;
    const percent = (ticks / TICKS_PER_SECOND / (STRETCH_MS / 1000)) * 100;
    return { percent, daemonBytes: residentOf(daemon.pid), nodeBytes: residentOf(bare.pid) };
  } finally {
    for (const child of [daemon, bare]) child.kill("SIGTERM");
    await Promise.all([daemon, bare].map(async (child) => child.exitCode ?? once(child, "exit")));
    await many.stop();
  }
}

interface Grown {
  readonly passes: number;
  readonly heap: number;
  readonly resident: number;
}

/** The real loop, woken again as soon as a pass is done. */
async function measureGrowth(): Promise<readonly Grown[]> {
  const many = await startManyRegistries(1);
  const settings = parseSettings("version: 1\nreconcile: { startSpread: 0s }\n");
  if (!settings.ok) throw new Error(settings.problem.cause);
  const pass = quietPass(many.root);
  const found: Grown[] = [];
  const done = Promise.withResolvers<void>();
  let passes = 0;
  const loop = createReconcileLoop(
    {
      ...createRegistryPasses(pass, (_, signal) => ({ ...pass, host: { ...pass.host, signal } })),
      clock: pass.host.clock,
      log: () => undefined,
      random: Math.random,
      onListed: () => undefined,
      onPass: ({ result }) => {
        if (!result.ok) return done.reject(new Error(`${result.problem.code}: ${result.problem.cause}`));
        passes += 1;
        if (MEASURED_AT.includes(passes)) found.push(weigh(passes));
        if (passes >= Math.max(...MEASURED_AT)) return done.resolve();
        loop.wake({ wake: "reload", kind: "all" });
      },
    },
    settings.value.reconcile,
  );
  const ended = loop.run();
  await done.promise;
  await Promise.all([loop.stop(1000), ended]);
  await many.stop();
  return found;
}

function weigh(passes: number): Grown {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  return { passes, heap: heapUsed, resident: rss };
}

/** proc(5): user and system time, with that of children that have ended. */
function ticksOf(pid: number | undefined): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}

function residentOf(pid: number | undefined): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes) * 1024;
}

function mib(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
