import * as z from "zod";
import { keyOf } from "../enrollment/declaration.ts";
import { parseDuration } from "../enrollment/duration.ts";
import { problem } from "../findings/problem.ts";
import { readYaml } from "../formats/yaml-document.ts";
import { whyNoFile, type ReadFiles } from "../host/ports.ts";
import { failure, success, type Result } from "../result.ts";
import type { ScheduleSettings } from "./schedule.ts";

/** Where the daemon's settings lie; without the file, every setting has its default. */
export const SETTINGS = "/etc/regclient/daemon.yaml";

const settingsSchema = z.strictObject({
  version: z.literal(1),
  reconcile: z
    .strictObject({
      interval: duration("15m", 10_000, "24h"),
      /** Percent of the interval, earlier or later. */
      jitter: z.int().min(0, { error: "less than 0" }).max(90, { error: "more than 90" }).default(20),
      retryFirst: duration("30s", 1000, "24h"),
      retryMost: duration("30m", 1000, "24h"),
      startSpread: duration("2m", 0, "24h"),
      passTimeout: duration("1m", 5000, "10m"),
      atOnce: z.int().min(1, { error: "less than 1" }).max(64, { error: "more than 64" }).default(8),
    })
    .refine(({ retryFirst, retryMost }) => retryFirst <= retryMost, {
      error: "shorter than retryFirst",
      path: ["retryMost"],
    })
    .prefault({}),
});

/** The loop's settings. */
export interface ReconcileSettings extends ScheduleSettings {
  /** How long one pass may take. */
  readonly passTimeoutMs: number;
  /** How many registries are asked at the same time. */
  readonly atOnce: number;
}

/** What daemon.yaml says, with every default filled in. */
export interface DaemonSettings {
  readonly reconcile: ReconcileSettings;
}

/** Reads the settings. Errors name the file, the line and the key. */
export async function readSettings(files: ReadFiles): Promise<Result<DaemonSettings>> {
  const entry = await files.readEntry(await files.resolveLinks(SETTINGS));
  if (entry.kind === "absent") return parseSettings("version: 1\n");
  if (entry.kind !== "file")
    return failure(problem("RC-CFG-006", { path: SETTINGS, reason: whyNoFile(entry) }, [SETTINGS]));
  return parseSettings(Buffer.from(entry.bytes).toString("utf8"));
}

/** The settings in the text of a file. */
export function parseSettings(text: string): Result<DaemonSettings> {
  const read = readYaml(text);
  if ("wrong" in read) return refuse(read.line, [], read.wrong);
  const parsed = settingsSchema.safeParse(read.data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = issue === undefined ? [] : keyOf(issue);
    return refuse(read.lineOf(key), key, issue?.message ?? "not valid");
  }
  const { interval, jitter, retryFirst, retryMost, startSpread, passTimeout, atOnce } = parsed.data.reconcile;
  return success({
    reconcile: {
      intervalMs: interval,
      jitter: jitter / 100,
      retryFirstMs: retryFirst,
      retryMostMs: retryMost,
      startSpreadMs: startSpread,
      passTimeoutMs: passTimeout,
      atOnce,
    },
  });
}

/** A length of time as text, read as milliseconds. */
function duration(preset: string, leastMs: number, most: string) {
  const mostMs = parseDuration(most) ?? 0;
  return z
    .string({ error: "not a length of time (30s, 10m, 1h)" })
    .default(preset)
    .transform((text) => parseDuration(text) ?? Number.NaN)
    .refine((ms) => ms >= leastMs && ms <= mostMs, {
      error: `not a length of time from ${leastMs / 1000}s to ${most} (30s, 10m, 1h)`,
    });
}

function refuse(line: number, key: readonly string[], reason: string): Result<DaemonSettings> {
  const where = [`${SETTINGS}:${line}`, ...(key.length > 0 ? [key.join(".")] : [])].join(": ");
  return failure(problem("RC-CFG-025", { where, reason }, [where]));
}
