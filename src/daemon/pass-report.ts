import type { Result } from "../result.ts";

/** What wakes a pass: its time has come, something on the host changed, `systemctl reload`, or the daemon began. */
export type Wake = "schedule" | "change" | "reload" | "start";

/** A certificate, as far as its age matters. `notAfter` is milliseconds since the epoch. */
export interface ExpiringCertificate {
  readonly fingerprint: string;
  readonly notAfter: number;
}

/** How a registry stands after a pass that came to its end. */
export interface PassedRegistry {
  /** Paths of what was not as declared, and was put right. */
  readonly healed: readonly string[];
  readonly anchors: readonly ExpiringCertificate[];
  /** The leaf that was served. */
  readonly leaf: ExpiringCertificate | undefined;
  /** Fingerprints that wait for a person's word. */
  readonly pending: readonly string[];
}

/** One pass of the daemon over one registry: told to the log and the metrics. Times are milliseconds since the epoch. */
export interface PassReport {
  readonly registry: string;
  readonly wake: Wake;
  readonly startedAt: number;
  readonly tookMs: number;
  readonly result: Result<PassedRegistry>;
  /** When the next pass is due. */
  readonly nextAt: number;
}
