import type { FindingEntry } from "../finding-entry.ts";

/** RC-LCK: the lock. */
export const lockFindings = {
  "RC-LCK-001": {
    exit: "locked",
    summary: "another regclient is at work on this host, and still was after {seconds} s",
    cause: "the lock is held by {holder}",
    fix: ["wait for it, or give it longer: --lock-timeout SECONDS"],
  },
} as const satisfies Record<string, FindingEntry>;
