import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ReadFiles } from "../../host/ports.ts";
import { parseRegistryName } from "../../registry/name.ts";
import type { AskOutcome } from "../credential-server.ts";
import type { PassReport } from "../pass-report.ts";
import { listRegistries, readKnownTrust, readVerification } from "./observed.ts";
import { labelValue, registrySeries, type Series, type Snapshot } from "./series.ts";
import { afterPass, type Standing } from "./standing.ts";

/** The metrics of a daemon (docs/metrics.md). */
export interface Metrics {
  /** Takes in what a pass came to. */
  observe(report: PassReport): void;
  /** Counts a question at the credential socket. */
  countAsked(outcome: AskOutcome): void;
  /** All metrics as text. Registries that are neither declared nor enrolled any more are forgotten. */
  render(): Promise<string>;
  /** The media type of that text. */
  readonly contentType: string;
}

/** What metrics are made of. */
export interface MetricsOptions {
  readonly files: ReadFiles;
  /** Of regclient, and of Node. */
  readonly version: string;
  readonly node: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

const DURATION_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** New metrics in a registry of their own; nothing is shared with others in this process. */
export function createMetrics({ files, version, node, startedAt }: MetricsOptions): Metrics {
  const registry = new Registry();
  const standings = new Map<string, Standing>();
  const own = { registers: [registry] };
  addFacts(registry, { version, node }, startedAt);
  const fill = registrySeries.map((series) => addSeries(registry, series));
  const durations = new Histogram({
    ...own,
    name: "regclient_pass_duration_seconds",
    help: "How long passes take, over all registries.",
    buckets: DURATION_BUCKETS,
  });
  const asked = new Counter({
    ...own,
    name: "regclient_credential_requests_total",
    help: "Questions at the credential socket, by how they were answered.",
    labelNames: ["outcome"],
  });
  return {
    contentType: registry.contentType,
    observe: (report) => {
      const key = keyOf(report.registry);
      standings.set(key, afterPass(standings.get(key), report));
      durations.observe(report.tookMs / 1000);
    },
    countAsked: (outcome) => asked.inc({ outcome }),
    render: async () => {
      const snapshots = await takeSnapshots(files, standings);
      // in one go: who reads at the same time sees these values or newer ones, never half of them
      for (const each of fill) each(snapshots);
      return registry.metrics();
    },
  };
}

/** However a report spells it: series go by the name that records and declarations have. */
function keyOf(registry: string): string {
  const name = parseRegistryName(registry);
  return name.ok ? name.value.key : registry;
}

function addFacts(registry: Registry, build: Readonly<Record<"version" | "node", string>>, startedAt: number): void {
  const registers = [registry];
  new Gauge({
    registers,
    name: "regclient_build_info",
    help: "Always 1; the labels say which regclient runs, on which Node.",
    labelNames: ["version", "node"],
  }).set({ version: labelValue(build.version), node: labelValue(build.node) }, 1);
  new Gauge({ registers, name: "regclient_daemon_start_time_seconds", help: "When the daemon began." }).set(
    startedAt / 1000,
  );
}

/** The metric is made anew from what is known each time it is read, so nothing of a registry that has gone stays. */
function addSeries(registry: Registry, series: Series): (snapshots: readonly Snapshot[]) => void {
  const { name, help, type, labels } = series;
  const configuration = { name, help, labelNames: ["registry", ...labels], registers: [registry] };
  const metric = type === "gauge" ? new Gauge(configuration) : new Counter(configuration);
  return (snapshots) => {
    metric.reset();
    for (const snapshot of snapshots) {
      for (const sample of series.read(snapshot)) {
        const all = { registry: labelValue(snapshot.registry), ...sample.labels };
        if (metric instanceof Gauge) metric.set(all, sample.value);
        else metric.inc(all, sample.value);
      }
    }
  };
}

async function takeSnapshots(files: ReadFiles, standings: Map<string, Standing>): Promise<readonly Snapshot[]> {
  const registries = await listRegistries(files);
  for (const each of standings.keys()) if (!registries.includes(each)) standings.delete(each);
  return Promise.all(
    registries.map(async (registry) => ({
      registry,
      standing: standings.get(registry),
      trust: await readKnownTrust(files, registry),
      verification: await readVerification(files, registry),
    })),
  );
}
