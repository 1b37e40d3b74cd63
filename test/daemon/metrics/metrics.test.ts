import { expect, test } from "vitest";
import { createMetrics, type Metrics } from "../../../src/daemon/metrics/metrics.ts";
import type { PassReport } from "../../../src/daemon/pass-report.ts";
import { catalogue, type FindingCode } from "../../../src/findings/catalogue.ts";
import type { Problem } from "../../../src/findings/problem.ts";
import { renderState } from "../../../src/enrollment/state.ts";
import { createReadFiles } from "../../../src/host/node-files.ts";
import { makeMemoryWorld, type MemoryWorld } from "../../support/memory-world.ts";
import { makeCertificate } from "../../support/pki.ts";
import { makeScratchRoot } from "../../support/scratch-root.ts";
import { declared, failed, fingerprints, passed } from "./reports.ts";

const V6 = "[fd00::5]:5000";

function setUp(files: Readonly<Record<string, string>>): { world: MemoryWorld; metrics: Metrics } {
  const world = makeMemoryWorld(files);
  const metrics = createMetrics({ files: world.files, version: "1.2.3", node: "26.0.0", startedAt: 1_000_000 });
  return { world, metrics };
}

/** The samples, without comments, buckets and what every daemon has. */
function samplesIn(text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.filter((line) => !/_bucket|^regclient_(?:build_info|daemon_start)|^regclient_pass_duration/.test(line));
}

async function samplesAfter(...reports: readonly PassReport[]): Promise<readonly string[]> {
  const { metrics } = setUp(declared(...reports.map(({ registry }) => registry)));
  for (const report of reports) metrics.observe(report);
  return samplesIn(await metrics.render());
}

test("a daemon that has done nothing yet says what runs, and nothing of any registry", async () => {
  const text = await setUp({}).metrics.render();
  expect(text).toContain('regclient_build_info{version="1.2.3",node="26.0.0"} 1\n');
  expect(text).toContain("regclient_daemon_start_time_seconds 1000\n");
  expect(text).toContain("regclient_pass_duration_seconds_count 0\n");
  expect(samplesIn(text)).toEqual([]);
});

test("a pass that came to its end", async () => {
  const registry = 'registry="devregistry"';
  expect(await samplesAfter(passed("devregistry"))).toEqual([
    `regclient_certificate_expiry_timestamp_seconds{${registry},role="leaf",fingerprint="sha256:${fingerprints.leaf}"} 3000`,
    `regclient_certificate_expiry_timestamp_seconds{${registry},role="anchor",fingerprint="sha256:${fingerprints.anchor}"} 4000`,
    `regclient_pending_certificates{${registry}} 0`,
    `regclient_last_pass_success{${registry}} 1`,
    `regclient_last_pass_result{${registry},code="ok",kind="ok"} 1`,
    `regclient_last_pass_timestamp_seconds{${registry}} 2000.5`,
    `regclient_last_successful_pass_timestamp_seconds{${registry}} 2000.5`,
    `regclient_last_pass_duration_seconds{${registry}} 0.5`,
    `regclient_next_pass_timestamp_seconds{${registry}} 2300`,
    `regclient_consecutive_failed_passes{${registry}} 0`,
    `regclient_passes_total{${registry},code="ok"} 1`,
    `regclient_drift_healed_files_total{${registry}} 0`,
    `regclient_drift_healed_passes_total{${registry}} 0`,
  ]);
});

test.each<[string, readonly PassReport[], readonly string[]]>([
  [
    "a first pass that fails",
    [failed("r")],
    [
      'regclient_last_pass_success{registry="r"} 0',
      'regclient_last_pass_result{registry="r",code="RC-NET-001",kind="unreachable"} 1',
      'regclient_consecutive_failed_passes{registry="r"} 1',
      'regclient_passes_total{registry="r",code="RC-NET-001"} 1',
      'regclient_drift_healed_passes_total{registry="r"} 0',
    ],
  ],
  [
    "passes that fail, after one that did not: the certificates stay known",
    [passed("r"), failed("r"), failed("r")],
    [
      'regclient_consecutive_failed_passes{registry="r"} 2',
      'regclient_passes_total{registry="r",code="ok"} 1',
      'regclient_passes_total{registry="r",code="RC-NET-001"} 2',
      `regclient_certificate_expiry_timestamp_seconds{registry="r",role="leaf",fingerprint="sha256:${fingerprints.leaf}"} 3000`,
      'regclient_last_successful_pass_timestamp_seconds{registry="r"} 2000.5',
    ],
  ],
  [
    "a pass that is well again",
    [failed("r"), failed("r"), passed("r")],
    [
      'regclient_consecutive_failed_passes{registry="r"} 0',
      'regclient_last_pass_result{registry="r",code="ok",kind="ok"} 1',
    ],
  ],
  [
    "drift that was put right",
    [passed("r", { healed: ["/a", "/b"] }), passed("r"), passed("r", { healed: ["/a"] })],
    ['regclient_drift_healed_files_total{registry="r"} 3', 'regclient_drift_healed_passes_total{registry="r"} 2'],
  ],
  [
    "a host that was put right by its records, while the registry is down",
    [failed("r"), { ...passed("r", { healed: ["/a"] }), scope: "host" }],
    [
      'regclient_consecutive_failed_passes{registry="r"} 1',
      'regclient_last_pass_result{registry="r",code="RC-NET-001",kind="unreachable"} 1',
      'regclient_drift_healed_files_total{registry="r"} 1',
    ],
  ],
  ["what waits", [passed("r", { pending: ["x", "y"] })], ['regclient_pending_certificates{registry="r"} 2']],
  ["an IPv6 address and a port", [passed(V6)], [`regclient_pending_certificates{registry="${V6}"} 0`]],
  [
    "the same registry in another spelling",
    [{ ...passed("r"), registry: "r:443" }, passed("r")],
    ['regclient_passes_total{registry="r",code="ok"} 2'],
  ],
])("%s", async (_, reports, expected) => {
  const { metrics } = setUp(declared("r", V6));
  for (const report of reports) metrics.observe(report);
  expect(samplesIn(await metrics.render())).toEqual(expect.arrayContaining([...expected]));
});

test("of the last result, only the last is there", async () => {
  const results = (await samplesAfter(failed("r"), passed("r"))).filter((line) => line.includes("last_pass_result"));
  expect(results).toHaveLength(1);
});

test("what waits and what is trusted is the record's to say, before any pass and when passes fail", async () => {
  const { pem, fingerprint, notAfter } = makeCertificate({ commonName: "r", dns: ["r"] }).certificate;
  const anchor = { fingerprint: `sha256:${fingerprint}`, pem, reason: "fingerprint", evidence: "", since: "", by: "" };
  const waits = { fingerprint: "", spki: "", subject: "", issuer: "", notAfter: "", firstSeen: "", chain: "" };
  const state = {
    version: 1 as const,
    registry: "r",
    enrolledAt: "",
    anchors: [{ ...anchor, reason: "fingerprint" as const }],
    pending: [waits],
    dockerConfigs: [],
    files: [],
  };
  const { metrics } = setUp({ "/var/lib/regclient/registries/r.json": Buffer.from(renderState(state)).toString() });
  const expected = [
    `regclient_certificate_expiry_timestamp_seconds{registry="r",role="anchor",fingerprint="sha256:${fingerprint}"} ${notAfter / 1000}`,
    'regclient_pending_certificates{registry="r"} 1',
  ];
  expect(samplesIn(await metrics.render())).toEqual(expected);
  metrics.observe(failed("r"));
  expect(samplesIn(await metrics.render())).toEqual(expect.arrayContaining(expected));
});

test("a registry that is not enrolled any more has no series, and begins anew if it comes back", async () => {
  const { world, metrics } = setUp(declared("r", "other"));
  for (const registry of ["r", "other"]) metrics.observe(passed(registry, { healed: ["/a"] }));
  expect(await metrics.render()).toContain('registry="r"');
  const path = "/etc/regclient/registries.d/r.yaml";
  world.remove(path);
  const without = await metrics.render();
  expect(without).not.toContain('registry="r"');
  expect(without).toContain('regclient_drift_healed_files_total{registry="other"} 1');
  world.write(path, "");
  expect(samplesIn(await metrics.render()).filter((line) => line.includes('registry="r"'))).toEqual([]);
});

test("files that are named after no registry have no series", async () => {
  const { metrics } = setUp(declared("UPPER", 'a"b', "x\ny", "r:443", "docker.io"));
  expect(samplesIn(await metrics.render())).toEqual([]);
});

test("no number of reports makes more series than registries, codes and certificates there are", async () => {
  const codes = Object.keys(catalogue) as FindingCode[];
  const { metrics } = setUp(declared("r"));
  const counts: number[] = [];
  for (let index = 0; index < 10_000; index++) {
    const hex = index.toString(16).padStart(64, "0");
    const certificate = { fingerprint: hex, notAfter: index };
    const anchors = Array.from({ length: 50 }, (_, n) => ({ fingerprint: `${hex.slice(2)}${10 + n}`, notAfter: n }));
    const code = codes[index % codes.length] as FindingCode;
    const cause: Problem = { code, exit: 1, summary: hex, cause: hex, evidence: [], fix: [], documentation: hex };
    // what is not known here is reported, too: it must not stay
    const registry = index % 3 === 0 ? "r" : `r${index}`;
    metrics.observe(index % 2 === 0 ? passed(registry, { anchors, leaf: certificate }) : failed(registry, cause));
    if (index % 2500 === 2499) counts.push(samplesIn(await metrics.render()).length);
  }
  expect(counts.slice(1)).toEqual([counts[0], counts[0], counts[0]]);
  expect(counts[0]).toBeLessThan(17 + codes.length + 20);
});

const record = { version: 1, registry: "r", at: "2026-01-02T03:04:05.500Z", ok: true, mode: "push-pull", tookMs: 1500 };
const at = Date.parse(record.at) / 1000;

test.each<[string, unknown, readonly string[]]>([
  [
    "that passed",
    record,
    [
      'regclient_last_verification_success{registry="r"} 1',
      'regclient_last_verification_result{registry="r",mode="push-pull",code="ok",kind="ok"} 1',
      `regclient_last_verification_timestamp_seconds{registry="r"} ${at}`,
      'regclient_last_verification_duration_seconds{registry="r"} 1.5',
    ],
  ],
  [
    "that failed, in another time zone, with more keys",
    { ...record, ok: false, code: "RC-AUT-001", at: "2026-01-02T05:04:05.500+02:00", more: 1 },
    [
      'regclient_last_verification_success{registry="r"} 0',
      'regclient_last_verification_result{registry="r",mode="push-pull",code="RC-AUT-001",kind="credentials"} 1',
      `regclient_last_verification_timestamp_seconds{registry="r"} ${at}`,
      'regclient_last_verification_duration_seconds{registry="r"} 1.5',
    ],
  ],
  [
    "that failed with a code that this version does not know",
    { ...record, ok: false, code: 'x"\n1' },
    [
      'regclient_last_verification_success{registry="r"} 0',
      'regclient_last_verification_result{registry="r",mode="push-pull",code="unknown",kind="unknown"} 1',
      `regclient_last_verification_timestamp_seconds{registry="r"} ${at}`,
      'regclient_last_verification_duration_seconds{registry="r"} 1.5',
    ],
  ],
  ["of another version", { ...record, version: 2 }, []],
  ["with a mode that is none", { ...record, mode: "m".repeat(1000) }, []],
  ["without a time", { ...record, at: "yesterday" }, []],
  ["with a time that ran backwards", { ...record, tookMs: -1 }, []],
  ["that is no object", 7, []],
  ["that is no JSON", undefined, []],
  ["that is too long", { ...record, more: "x".repeat(100_000) }, []],
])("a recorded verification %s", async (_, recorded, expected) => {
  const text = recorded === undefined ? '{"version":1,' : JSON.stringify(recorded);
  const root = makeScratchRoot({ ...declared("r"), "/var/lib/regclient/verifications/r.json": text });
  const metrics = createMetrics({ files: createReadFiles(root), version: "", node: "", startedAt: 0 });
  expect(samplesIn(await metrics.render())).toEqual(expected);
});

test("a verification of what is not enrolled any more is not told", async () => {
  const { metrics } = setUp({ "/var/lib/regclient/verifications/r.json": JSON.stringify(record) });
  expect(samplesIn(await metrics.render())).toEqual([]);
});

test("questions at the credential socket are counted by how they ended", async () => {
  const { metrics } = setUp({});
  for (const outcome of ["given", "given", "not-allowed"] as const) metrics.countAsked(outcome);
  expect(samplesIn(await metrics.render())).toEqual([
    'regclient_credential_requests_total{outcome="given"} 2',
    'regclient_credential_requests_total{outcome="not-allowed"} 1',
  ]);
});

test("durations of passes are counted over all registries", async () => {
  const { metrics } = setUp({});
  for (const tookMs of [50, 3000, 500_000]) metrics.observe({ ...passed("r"), tookMs });
  const text = await metrics.render();
  for (const [le, count] of [
    ["0.1", 1],
    ["2.5", 1],
    ["5", 2],
    ["120", 2],
    ["+Inf", 3],
  ])
    expect(text).toContain(`regclient_pass_duration_seconds_bucket{le="${le}"} ${count}\n`);
  expect(text).toContain("regclient_pass_duration_seconds_sum 503.05\n");
});

test("two that read at the same time get the same, whole text", async () => {
  const { metrics } = setUp(declared("r"));
  metrics.observe(passed("r"));
  const [one, two] = await Promise.all([metrics.render(), metrics.render()]);
  expect(one).toBe(two);
});

test("two daemons in one process share nothing", async () => {
  const one = setUp(declared("r")).metrics;
  const two = setUp(declared("r")).metrics;
  one.observe(passed("r"));
  expect(samplesIn(await two.render())).toEqual([]);
});
