import type { Bench } from "../failure-bench.ts";

/** One way to break it, and what regclient must say: this finding, and no other. */
export interface FailureRow {
  readonly title: string;
  /** What people see of it: the message of a client, or what happens. */
  readonly symptom: string;
  /** `!` before a warning; none: it is no fault, and nothing may be found. */
  readonly code: string;
  /** Its number among the well-known failures (known.ts). */
  readonly known?: number;
  /** The host that is asked. */
  readonly host: "enrolled" | "byHand";
  /** Default: doctor devregistry. */
  readonly command?: readonly string[];
  /** What is asked when all is mended; default: the same command. */
  readonly twin?: readonly string[];
  readonly user?: string;
  readonly breaks: (bench: Bench) => Promise<void> | void;
}
