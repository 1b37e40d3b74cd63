import type { PassedRegistry, PassReport } from "../../../src/daemon/pass-report.ts";
import { problem, type Problem } from "../../../src/findings/problem.ts";
import { failure, success } from "../../../src/result.ts";

export const fingerprints = { leaf: "a".repeat(64), anchor: "b".repeat(64) } as const;

/** A registry's files as the daemon finds them when it is declared. */
export function declared(...keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key) => [`/etc/regclient/registries.d/${key}.yaml`, ""]));
}

/** A pass at 2 000 s that took half a second, with all as declared; `more` says what was otherwise. */
export function passed(registry: string, more: Partial<PassedRegistry> = {}): PassReport {
  const leaf = { fingerprint: fingerprints.leaf, notAfter: 3_000_000 };
  const anchors = [{ fingerprint: fingerprints.anchor, notAfter: 4_000_000 }];
  return reportOf(registry, success({ healed: [], anchors, leaf, pending: [], ...more }));
}

/** The same pass, ended by a finding. */
export function failed(registry: string, cause: Problem = unreachable): PassReport {
  return reportOf(registry, failure(cause));
}

const unreachable = problem("RC-NET-001", { host: "devregistry", server: "-", reason: "none", name: "devregistry" });

function reportOf(registry: string, result: PassReport["result"]): PassReport {
  return { registry, wake: "schedule", startedAt: 2_000_000, tookMs: 500, nextAt: 2_300_000, result };
}
