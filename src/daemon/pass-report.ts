import type { Result } from "../result.ts";

/** What wakes a pass: its time has come, something on the host changed, `systemctl reload`, or the daemon began. */
export type Wake = "schedule" | "change" | "reload" | "start";

/** A certificate, as far as its age matters. Times are milliseconds since the epoch. */
export interface ExpiringCertificate {
  readonly fingerprint: string;
  readonly notAfter: number;
  readonly notBefore?: number;
}

/** How a registry stands after a pass that came to its end. */
export interface PassedRegistry {
  /** Paths of what was not as declared, and was put right. */
  readonly healed: readonly string[];
  /** The host was not enrolled before: what was put right is all that enrolling takes. */
  readonly isFirst?: boolean;
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
  /**
   * `host`: the registry was not asked, what its record says was put right; told only when something was, or when that
   * failed. Else the registry was asked.
   */
  readonly scope?: "host" | "registry";
  readonly startedAt: number;
  readonly tookMs: number;
  readonly result: Result<PassedRegistry>;
  /** What the records say when the pass failed: an enrolled registry goes on being trusted by them. */
  readonly recorded?: Pick<PassedRegistry, "anchors" | "pending">;
  /** When the next pass is due. */
  readonly nextAt: number;
}
