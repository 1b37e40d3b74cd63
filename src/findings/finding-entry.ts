/** The kind of failure, which gives the exit code. */
export type FindingExit = "usage" | "trust" | "credentials" | "unreachable" | "smoke" | "host" | "locked";

/** What is known of one failure. `{word}` is filled in from the case at hand. */
export interface FindingEntry {
  readonly exit: FindingExit;
  readonly summary: string;
  readonly cause: string;
  readonly fix: readonly string[];
}
