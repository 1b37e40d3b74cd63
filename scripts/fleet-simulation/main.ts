import { requireLab, startLab } from "../../test/lab/lab.ts";
import { measureLoad, type Load, type MeasuredLoad } from "./load.ts";
import { tabulateGrowth } from "./growth.ts";
import { writeMeasured } from "./page.ts";
import { measureResumption, type ConnectionCost } from "./resumption.ts";
import { tabulateSchedule } from "./schedule-table.ts";
import { startWebServer, type KeyKind } from "./web-server.ts";
import { measureWholePass } from "./whole-pass.ts";

// Plays the schedule of a fleet, then lets a part of it ask a real nginx in the lab, and writes both to docs/fleet.md.
// Needs root. Three minutes, once: nothing here repeats.
const AGENTS = 10_000;
const ADDRESS = "10.10.62.103";
const STEADY = AGENTS / (15 * 60);
const START = AGENTS / 120;

requireLab();
const schedule = tabulateSchedule(AGENTS);
await using lab = await startLab();
const pass = await measureWholePass(lab);
const base: Load = { address: ADDRESS, requests: 1000, atOnce: 16, isKnown: true };
const rows: MeasuredLoad[] = [];
const costs = new Map<KeyKind, ConnectionCost>();
for (const kind of ["P-256", "RSA-2048"] as const) {
  const server = await startWebServer(lab, kind, 2);
  const measure = async (name: string, load: Load): Promise<void> =>
    void rows.push(await measureLoad(lab, server, `${name}, ${kind}`, load));
  if (kind === "P-256") {
    await measure("10,000 agents in their stride", { ...base, requests: Math.round(STEADY * 40), perSecond: STEADY });
    await measure(`as after a start, ${START.toFixed(0)} a second if the agents can`, {
      ...base,
      requests: Math.round(START * 10),
      perSecond: START,
    });
  }
  await measure("as fast as the agents can", base);
  await measure("the same, nothing known", { ...base, isKnown: false });
  costs.set(kind, await measureResumption(lab, server, ADDRESS));
  await server.stop();
}
writeMeasured([
  "How often the fleet asks, per second, with the default schedule:",
  "",
  ...schedule,
  "",
  `A pass of the daemon over one registry is ${pass.connections.toFixed(1)} TLS connections and ${pass.requests.toFixed(1)} request (${pass.passes}`,
  "passes counted): a look at the certificate that is served, and the conditional GET of the trust file. Real passes against",
  "one nginx with one worker, each agent over connections of its own:",
  "",
  ...tabulateLoads(rows),
  "",
  ...tabulateCosts(),
  "",
  "What that comes to, by the cost of a pass as fast as the agents can, and how often a fleet asks:",
  "",
  ...tabulateGrowth(rows.find(({ name }) => name.startsWith("as fast")) ?? fail()),
]);

function tabulateLoads(loads: readonly MeasuredLoad[]): readonly string[] {
  return [
    "| load, key of the certificate | passes | per second | agents: p50 ms | p99 ms | nginx: p99 ms of a request | ms of a core per pass | HTTP bytes | bytes on the wire |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ...loads.map(
      ({ name, passes, perSecond, p50, p99, serverP99, serverMs, httpBytes, wireBytes }) =>
        `| ${name} | ${passes} | ${perSecond.toFixed(1)} | ${p50.toFixed(0)} | ${p99.toFixed(0)} | ${serverP99.toFixed(0)} | **${serverMs.toFixed(2)}** | ${httpBytes.toFixed(0)} | ${wireBytes.toFixed(0)} |`,
    ),
  ];
}

function tabulateCosts(): readonly string[] {
  return [
    "| connection with one request, by openssl s_time | new, ms of a core | resumed | ratio |",
    "|---|---:|---:|---:|",
    ...[...costs].map(([kind, { newMs, resumedMs }]) => {
      const ratio = (resumedMs / newMs).toFixed(2);
      return `| ${kind} | ${newMs.toFixed(2)} | ${resumedMs.toFixed(2)} | **${ratio}** |`;
    }),
  ];
}

function fail(): never {
  throw new Error("no load was measured");
}
