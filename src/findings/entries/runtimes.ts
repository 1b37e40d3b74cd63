import type { FindingEntry } from "../finding-entry.ts";

/** RC-RUN: container runtimes, their directories and their configuration. */
export const runtimesFindings = {
  "RC-RUN-001": {
    exit: "host",
    summary: "{path} makes {runtime} refuse every connection to {name}",
    cause: "{reason}; a certificate beside it would not help, so nothing was changed",
    fix: ["ls -l {directory}", "if nobody needs it: mv {path} /root/", "then again: regclient reconcile {name}"],
  },
  "RC-RUN-002": {
    exit: "host",
    summary: "{directory} hides what is written for everybody from {login}",
    cause: "podman, skopeo and buildah read the first of their directories that exists, and that alone",
    fix: ["ln -s {file} {directory}/regclient.crt", "or take the directory away, if nobody needs it"],
  },
  "RC-RUN-003": {
    exit: "host",
    summary: "{runtime} would not verify who answers as {name}",
    cause: "{path} says so with {entry}: it would give the login to anybody, with any certificate or with none",
    fix: ["take {entry} out of {path}", "{after}"],
  },
  "RC-RUN-004": {
    exit: "host",
    summary: "{runtime} may not use {name}",
    cause: "{path} blocks {entry}",
    fix: ["take blocked = true out of {path}, if it is not meant"],
  },
  "RC-RUN-005": {
    exit: "host",
    summary: "the configuration {path} cannot be read, so {runtime} may read other files than regclient writes",
    cause: "{reason}",
    fix: ["correct the file, then: regclient reconcile {name}"],
  },
  "RC-RUN-010": {
    exit: "host",
    summary: "containerd's CRI plugin (crictl, Kubernetes) reads no file for {name}",
    cause: "{reason}",
    fix: ["add to {path}:"],
  },
  "RC-RUN-011": {
    exit: "host",
    summary: "containerd's CRI plugin (crictl, Kubernetes) may read no file for {name}",
    cause: "{reason}",
    fix: ["have {path} say:"],
  },
} as const satisfies Record<string, FindingEntry>;
