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
const INTERVAL_MS = 15 * 60_000;
const GOAL_PERCENT = 0.1;
const GOAL_RATIO = 1.5;
const LOAD =
  'require("tls").createSecureContext(); require("https"); new (require("node:sqlite").DatabaseSync)(":memory:");' +
  'require("node:ffi").dlopen(null, { close: { arguments: ["int32"], return: "int32" } });';
const WAIT = "setInterval(() => {}, 1e6)";
// getconf CLK_TCK, the same on every Linux that Node runs on
const TICKS_PER_SECOND = 100;

/** What the daemon costs a host while nothing changes: time of the processor, and memory beside a bare Node. */
export async function benchDaemon(): Promise<readonly string[]> {
  const { percent, daemon, node, passes } = await measureIdle();
  const ratio = daemon.resident / node.resident;
  return [
    `| daemon, ${REGISTRIES} registries with a login each, default schedule | |`,
    "|---|---:|",
    `| time of one core while nothing changes, over ${STRETCH_MS / 1000} s | **${percent.toFixed(3)} %** |`,
    `| passes over a registry in that time, of ${((REGISTRIES * STRETCH_MS) / INTERVAL_MS).toFixed(0)} on average | ${passes} |`,
    `| resident memory | ${mib(daemon.resident)} MiB |`,
    `| of that, its own and not the files of Node | ${mib(daemon.own)} MiB |`,
    `| a bare Node that waits | ${mib(node.resident)} MiB |`,
    `| of that, its own | ${mib(node.own)} MiB |`,
    `| ratio | **${ratio.toFixed(2)}** |`,
    "",
    percent < GOAL_PERCENT
      ? `Time: the goal, under ${GOAL_PERCENT} %, is met.`
      : `Time: the goal, under ${GOAL_PERCENT} %, is missed by ${(percent - GOAL_PERCENT).toFixed(3)} points.`,
    ratio <= GOAL_RATIO
      ? `Memory: the goal, ${GOAL_RATIO} of a bare Node, is met.`
      : `Memory: the goal, ${GOAL_RATIO} of a bare Node, is missed by ${mib(daemon.resident - GOAL_RATIO * node.resident)} MiB. ` +
        `TLS, SQLite and FFI alone make a Node ${mib(node.loaded)} MiB; the rest is the compiled program and what each pass throws away.`,
  ];
}

/** Memory over many passes. */
export async function benchPasses(): Promise<readonly string[]> {
  const growth = await measureGrowth();
  return [
    "| passes in one process, registry included | heap in use, MiB | resident, MiB |",
    "|---:|---:|---:|",
    ...growth.map(({ passes, heap, resident }) => `| ${passes} | ${mib(heap)} | ${mib(resident)} |`),
  ];
}

interface Idle {
  readonly percent: number;
  /** Over registries, by what came to be asked. */
  readonly passes: number;
  readonly daemon: Memory;
  /** `loaded`: resident, once it has what the daemon needs of Node. */
  readonly node: Memory & { readonly loaded: number };
}

/** Bytes. */
interface Memory {
  readonly resident: number;
  readonly own: number;
}

/** First passes are spread over the whole interval, so that the stretch has its share of passes. */
async function measureIdle(): Promise<Idle> {
  const many = await startManyRegistries(REGISTRIES);
  mkdirSync(join(many.root, "etc/regclient"), { recursive: true });
  writeFileSync(join(many.root, "etc/regclient/daemon.yaml"), "version: 1\nreconcile: { startSpread: 15m }\n");
  const argv = ["--root", many.root, "daemon", "--socket", join(many.root, "credentials.sock")];
  const daemon = spawn(join(TOP, "bin/regclient"), argv, { stdio: ["ignore", "ignore", "pipe"] });
  const bare = spawn(NODE, ["-e", WAIT], { stdio: "ignore" });
  const loaded = spawn(NODE, ["-e", `${LOAD} ${WAIT}`], { stdio: "ignore" });
  try {
    let log = "";
    daemon.stderr.on("data", (chunk: Buffer) => void (log += chunk.toString()));
    await wait(15_000);
    if (/ (?:warning|error) /.test(log) || !log.includes("part=reconcile")) throw new Error(log);
    const [before, asked] = [ticksOf(daemon.pid), many.countAsked()];
    await wait(STRETCH_MS);
    const ticks = ticksOf(daemon.pid) - before;
    const percent = (ticks / TICKS_PER_SECOND / (STRETCH_MS / 1000)) * 100;
    return {
      percent,
      passes: many.countAsked() - asked,
      daemon: memoryOf(daemon.pid),
      node: { ...memoryOf(bare.pid), loaded: memoryOf(loaded.pid).resident },
    };
  } finally {
    for (const child of [daemon, bare, loaded]) child.kill("SIGTERM");
    await Promise.all([daemon, bare, loaded].map(async (child) => child.exitCode ?? once(child, "exit")));
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

function memoryOf(pid: number | undefined): Memory {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytes = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * 1024;
  return { resident: bytes("VmRSS"), own: bytes("RssAnon") };
}

function mib(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
