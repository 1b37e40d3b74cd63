import { catalogue } from "../../findings/catalogue.ts";
import { printable } from "../../findings/problem.ts";
import type { ExpiringCertificate } from "../pass-report.ts";
import type { PassCode, Standing } from "./standing.ts";
import type { KnownTrust, Verification } from "./observed.ts";

/** All that is known of one registry when the metrics are read. */
export interface Snapshot {
  readonly registry: string;
  /** Undefined before the first pass. */
  readonly standing: Standing | undefined;
  /** What regclient's own record says now; undefined when there is none, or it cannot be read. */
  readonly trust: KnownTrust | undefined;
  readonly verification: Verification | undefined;
}

/** One value, with the labels it has beside `registry`. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric that each registry has, and how it is read from what is known. */
export interface Series {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  /** Beside `registry`. */
  readonly labels: readonly string[];
  read(snapshot: Snapshot): readonly Sample[];
}

/** Old and new side by side make a few anchors; what ends first is what matters. */
const MOST_ANCHORS = 16;
const MOST_LABEL_CHARACTERS = 255;

/** All metrics of a registry (docs/metrics.md). Times are seconds since the epoch, durations seconds. */
export const registrySeries: readonly Series[] = [
  {
    name: "regclient_certificate_expiry_timestamp_seconds",
    help: "When a certificate of the registry ends: the leaf that it served last, and each anchor that is trusted.",
    type: "gauge",
    labels: ["role", "fingerprint"],
    read: readCertificates,
  },
  {
    name: "regclient_pending_certificates",
    help: "Certificates that wait for a person's word.",
    type: "gauge",
    labels: [],
    read: ({ trust, standing }) => one(trust?.pending ?? standing?.pending),
  },
  ofStanding("regclient_last_pass_success", "1 if the last pass came to its end.", ({ code }) => Number(code === "ok")),
  {
    name: "regclient_last_pass_result",
    help: "Always 1; the labels say what the last pass came to: ok, or the code and kind of the finding.",
    type: "gauge",
    labels: ["code", "kind"],
    read: ({ standing }) => (standing === undefined ? [] : [{ labels: codeLabels(standing.code), value: 1 }]),
  },
  ofStanding("regclient_last_pass_timestamp_seconds", "When the last pass ended.", ({ endedAt }) => endedAt / 1000),
  ofStanding(
    "regclient_last_successful_pass_timestamp_seconds",
    "When the last pass without a finding ended.",
    (each) => (each.succeededAt === undefined ? undefined : each.succeededAt / 1000),
  ),
  ofStanding("regclient_last_pass_duration_seconds", "How long the last pass took.", ({ tookMs }) => tookMs / 1000),
  ofStanding("regclient_next_pass_timestamp_seconds", "When the next pass is due.", ({ nextAt }) => nextAt / 1000),
  ofStanding(
    "regclient_consecutive_failed_passes",
    "Passes that failed since the last one that did not.",
    ({ failuresInARow }) => failuresInARow,
  ),
  {
    name: "regclient_passes_total",
    help: "Passes, by what they came to: ok, or the code of the finding.",
    type: "counter",
    labels: ["code"],
    read: ({ standing }) =>
      Object.entries(standing?.passes ?? {}).map(([code, count]) => ({ labels: { code }, value: count })),
  },
  {
    ...ofStanding("regclient_drift_healed_files_total", "Files that were put right.", ({ healedFiles }) => healedFiles),
    type: "counter",
  },
  {
    ...ofStanding(
      "regclient_drift_healed_passes_total",
      "Passes that had to put a file right.",
      (each) => each.healingPasses,
    ),
    type: "counter",
  },
  ofVerification("regclient_last_verification_success", "1 if the last recorded verification passed.", ({ ok }) =>
    Number(ok),
  ),
  {
    name: "regclient_last_verification_result",
    help: "Always 1; the labels say how the last recorded verification went: mode, and ok or the finding.",
    type: "gauge",
    labels: ["mode", "code", "kind"],
    read: ({ verification }) =>
      verification === undefined
        ? []
        : [{ labels: { mode: verification.mode, ...codeLabels(verification.code) }, value: 1 }],
  },
  ofVerification(
    "regclient_last_verification_timestamp_seconds",
    "When the last verification was recorded.",
    (each) => each.at / 1000,
  ),
  ofVerification("regclient_last_verification_duration_seconds", "How long it took.", ({ tookMs }) => tookMs / 1000),
];

/** A label's value: no control characters, and bounded. */
export function labelValue(text: string): string {
  return printable(text).slice(0, MOST_LABEL_CHARACTERS);
}

function ofStanding(name: string, help: string, value: (standing: Standing) => number | undefined): Series {
  const read: Series["read"] = ({ standing }) => one(standing && value(standing));
  return { name, help, type: "gauge", labels: [], read };
}

function ofVerification(name: string, help: string, value: (verification: Verification) => number): Series {
  const read: Series["read"] = ({ verification }) => one(verification && value(verification));
  return { name, help, type: "gauge", labels: [], read };
}

function one(value: number | undefined): readonly Sample[] {
  return value === undefined || !Number.isFinite(value) ? [] : [{ labels: {}, value }];
}

function codeLabels(code: PassCode | "unknown"): { readonly code: string; readonly kind: string } {
  if (code === "ok" || code === "unknown") return { code, kind: code };
  return { code, kind: catalogue[code].exit };
}

function readCertificates({ standing, trust }: Snapshot): readonly Sample[] {
  const anchors = (trust?.anchors ?? standing?.anchors ?? []).toSorted((a, b) => a.notAfter - b.notAfter);
  const leaf = standing?.leaf;
  return [
    ...(leaf === undefined ? [] : [expiry("leaf", leaf)]),
    ...anchors.slice(0, MOST_ANCHORS).map((anchor) => expiry("anchor", anchor)),
  ].filter(({ value }) => Number.isFinite(value));
}

function expiry(role: "leaf" | "anchor", { fingerprint, notAfter }: ExpiringCertificate): Sample {
  const full = fingerprint.startsWith("sha256:") ? fingerprint : `sha256:${fingerprint}`;
  return { labels: { role, fingerprint: labelValue(full) }, value: notAfter / 1000 };
}
