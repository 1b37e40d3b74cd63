import type { exitCodes } from "./problem.ts";

/** What is known of one failure. `{word}` is filled in from the case at hand. */
export interface FindingEntry {
  readonly exit: keyof typeof exitCodes;
  readonly summary: string;
  readonly cause: string;
  readonly fix: readonly string[];
}

const entries = {
  // NAM: names and references
  "RC-NAM-001": {
    exit: "usage",
    summary: "not a registry name: {name}",
    cause: "{reason}",
    fix: [
      "write the host as it stands in image names, with a port unless it is 443: devregistry, reg.example.com:5000, [fd00::5]:5000",
    ],
  },
} as const satisfies Record<string, FindingEntry>;

/** A stable code, as in `RC-TLS-003`. */
export type FindingCode = keyof typeof entries;

/** Every failure regclient can name. */
export const catalogue: Readonly<Record<FindingCode, FindingEntry>> = entries;
