import type { FindingEntry } from "../finding-entry.ts";

/** RC-ENG: through the Docker Engine. */
export const engineFindings = {
  "RC-ENG-001": {
    exit: "smoke",
    summary: "the Docker Engine does not answer",
    cause: "{reason}",
    fix: ["systemctl status docker", "or check without it: regclient verify --via direct"],
  },
  "RC-ENG-002": {
    exit: "unreachable",
    summary: "the Docker Engine does not find the address of {host}",
    cause: "the engine said: {reason}",
    fix: ["getent hosts {host}", "give an alias: regclient enroll {name} --address IP"],
  },
  "RC-ENG-003": {
    exit: "trust",
    summary: "the Docker Engine does not trust the certificate of {authority}",
    cause: "the engine said: {reason}",
    fix: ["ls -l /etc/docker/certs.d/{authority}/", "regclient reconcile {name}"],
  },
  "RC-ENG-004": {
    exit: "credentials",
    summary: "the registry refused the login that the Docker Engine passed on",
    cause: "the engine said: {reason}",
    fix: ["regclient verify {name} --via direct --mode login"],
  },
  "RC-ENG-005": {
    exit: "smoke",
    summary: "the Docker Engine could not {action} {image}",
    cause: "the engine said: {reason}",
    fix: ["regclient verify {name} --via direct", "journalctl -u docker --since -5min"],
  },
  "RC-ENG-006": {
    exit: "unreachable",
    summary: "the Docker Engine does not reach {authority}",
    cause: "the engine said: {reason}",
    fix: ["regclient verify {name} --via direct", "systemctl show docker --property Environment   # a proxy?"],
  },
  "RC-ENG-007": {
    exit: "trust",
    summary: "the Docker Engine would not verify who answers as {authority}",
    cause:
      "its insecure-registries name {entry}: it would give the login to anybody, with any certificate or with none",
    fix: [
      "take {entry} out of insecure-registries in /etc/docker/daemon.json",
      "systemctl restart docker",
      "regclient verify {name} --via docker",
    ],
  },
  "RC-ENG-050": {
    exit: "smoke",
    summary: "{program} cannot be used for a verification on this host",
    cause: "{reason}",
    fix: ["regclient status", "or check without it: regclient verify --via direct"],
  },
  "RC-ENG-051": {
    exit: "host",
    summary: "an image of {size} cannot be written to the directory for temporary files",
    cause: "{folder}: {reason}",
    fix: ["df -h", "name a place with more room in TMPDIR"],
  },
  "RC-ENG-052": {
    exit: "trust",
    summary: "{program} does not trust the certificate of {authority}",
    cause: "it said: {reason}",
    fix: ["regclient status {name}   # the files that it reads", "regclient reconcile {name}"],
  },
  "RC-ENG-053": {
    exit: "credentials",
    summary: "{authority} knows no login of {program}, or not this one",
    cause: "it said: {reason}",
    fix: ["regclient verify {name} --via direct --mode login", "regclient doctor {name}"],
  },
  "RC-ENG-054": {
    exit: "unreachable",
    summary: "{program} does not reach {authority}",
    cause: "it said: {reason}",
    fix: ["regclient verify {name} --via direct", "regclient doctor {name}"],
  },
  "RC-ENG-055": {
    exit: "smoke",
    summary: "{program} could not {action} {image}",
    cause: "it said: {reason}",
    fix: ["regclient verify {name} --via direct", "regclient doctor {name}"],
  },
  "RC-ENG-056": {
    exit: "smoke",
    summary: "{program} cannot read {authority} in the name of an image",
    cause: "it takes no IPv6 address there, and so it can use this registry only by a name",
    fix: ["regclient enroll NAME:{port} --address {host}   # any name that the certificate is for"],
  },
} as const satisfies Record<string, FindingEntry>;
