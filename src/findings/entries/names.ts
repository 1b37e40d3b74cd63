import type { FindingEntry } from "../finding-entry.ts";

/** RC-NAM: registry names and image references. */
export const namesFindings = {
  "RC-NAM-001": {
    exit: "usage",
    summary: "not a registry name: {name}",
    cause: "{reason}",
    fix: [
      "write the host as it stands in image names, with a port unless it is 443: devregistry, reg.example.com:5000, [fd00::5]:5000",
    ],
  },
} as const satisfies Record<string, FindingEntry>;
