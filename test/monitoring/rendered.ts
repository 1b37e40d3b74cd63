import { createMetrics } from "../../src/daemon/metrics/metrics.ts";
import { declared, failed, passed } from "../daemon/metrics/reports.ts";
import { makeMemoryWorld } from "../support/memory-world.ts";

/** What a daemon renders that has something to say in each of its metrics. */
export async function renderEverything(): Promise<string> {
  const registry = "[fd00::5]:5000";
  const at = "2026-01-02T03:04:05Z";
  const verification = { version: 1, registry, at, ok: true, mode: "pull", tookMs: 7 };
  const { files } = makeMemoryWorld({
    ...declared(registry, "devregistry"),
    [`/var/lib/regclient/verifications/${registry}.json`]: JSON.stringify(verification),
  });
  const metrics = createMetrics({ files, version: "1.2.3", node: "26.0.0", startedAt: 1000 });
  metrics.observe(passed(registry, { healed: ["/a"], pending: ["x"] }));
  metrics.observe(failed("devregistry"));
  metrics.countAsked("given");
  return metrics.render();
}

/** The names that samples have: of a histogram, the three that it is told by. */
export function namesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^([a-z_]+)[{ ]/gm)].map((match) => match[1] ?? ""));
}
