import type { FindingEntry } from "../finding-entry.ts";

/** RC-ALI: aliases in the hosts file. */
export const aliasesFindings = {
  "RC-ALI-001": {
    exit: "host",
    summary: "{name} already has another address in the hosts file; nothing was changed",
    cause: "a line that regclient did not write stands at {where}, and {address} was asked for",
    fix: ["remove that line, or enroll with the address it gives", "or leave the hosts file alone: --no-hosts"],
  },
  "RC-ALI-002": {
    exit: "host",
    summary: "{name} points to a loopback address; nothing was changed",
    cause:
      "Docker verifies no certificate of a name that leads to 127.0.0.0/8 or ::1, so the password would go to whoever listens there ({where})",
    fix: ["remove that line and enroll with the registry's real address: --address IP"],
  },
  "RC-ALI-003": {
    exit: "unreachable",
    summary: "the resolver says that {name} is {address}, a loopback address",
    cause:
      "Docker verifies no certificate of a name that leads to 127.0.0.0/8 or ::1, so the password would go to whoever listens there",
    fix: ["getent ahosts {name}", "correct the name in DNS, or enroll with the registry's real address: --address IP"],
  },
} as const satisfies Record<string, FindingEntry>;
