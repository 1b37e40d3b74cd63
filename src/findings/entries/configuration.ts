import type { FindingEntry } from "../finding-entry.ts";

/** RC-CFG: the command line, configuration files and regclient's own records. */
export const configurationFindings = {
  "RC-CFG-001": {
    exit: "usage",
    summary: "the declaration is wrong at {where}",
    cause: "{reason}",
    fix: ["correct that line, then run: regclient reconcile --dry-run"],
  },
  "RC-CFG-002": {
    exit: "host",
    summary: "regclient's own record {path} cannot be read",
    cause: "{reason}",
    fix: [
      "restore it from a backup",
      "or move it away and run regclient enroll again with the same options; what it recorded, as ca.crt, then counts as somebody else's, and unenroll will leave it",
    ],
  },
  "RC-CFG-003": {
    exit: "usage",
    summary: "the Docker configuration {path} cannot be changed safely",
    cause: "{reason}",
    fix: ["correct the file: docker would not read it either", "or leave it alone: --no-docker-config"],
  },
  "RC-CFG-004": {
    exit: "usage",
    summary: "no registry is enrolled under the name {name}",
    cause: "there is no record of it below /var/lib/regclient/registries; enrolled are: {enrolled}",
    fix: ["regclient status", "regclient enroll {name} --address IP --fingerprint sha256:…"],
  },
  "RC-CFG-005": {
    exit: "usage",
    summary: "{option} cannot be used: {reason}",
    cause: "the value given is not one that can work",
    fix: ["regclient {command} --help"],
  },
  "RC-CFG-060": {
    exit: "usage",
    summary: "the report {path} cannot be written",
    cause: "{reason}",
    fix: ["name a file in a directory that is there and that you may write to"],
  },
  "RC-CFG-006": {
    exit: "usage",
    summary: "the file {path} cannot be read",
    cause: "{reason}",
    fix: ["ls -l {path}"],
  },
  "RC-CFG-007": {
    exit: "usage",
    summary: "the command line is wrong: {mistake}",
    cause: "what was typed is not a command of regclient with the options that it has",
    fix: ["{command} --help"],
  },
  "RC-CFG-008": {
    exit: "usage",
    summary: "no registry is declared under the name {name}",
    cause: "there is no file {path}, so nothing says what this host should look like",
    fix: ["ls /etc/regclient/registries.d", "regclient enroll {name} --address IP --fingerprint sha256:…"],
  },
  "RC-CFG-009": {
    exit: "usage",
    summary: "no registry is enrolled on this host",
    cause: "no name was given, and there is no record below /var/lib/regclient/registries",
    fix: ["regclient enroll NAME --address IP --fingerprint sha256:…"],
  },
  "RC-CFG-020": {
    exit: "usage",
    summary: "the enrollment token cannot be used: {reason}",
    cause: "a token is one whole line that regclient token create printed, for one registry and for a time",
    fix: ["copy the whole line, or make a new one beside the registry: regclient token create NAME --address IP"],
  },
  "RC-CFG-025": {
    exit: "usage",
    summary: "the daemon's settings are wrong at {where}",
    cause: "{reason}",
    fix: ["correct that line, then run: systemctl reload-or-restart regclient"],
  },
} as const satisfies Record<string, FindingEntry>;
