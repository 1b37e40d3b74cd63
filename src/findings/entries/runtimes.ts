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
  "RC-RUN-020": {
    exit: "usage",
    summary: "{path} cannot be edited safely",
    cause: "{reason}",
    fix: ["add these lines by hand, then run it again:"],
  },
  "RC-RUN-030": {
    exit: "host",
    summary: "the rootless BuildKit of {login} does not know {name} yet",
    cause: "it reads {path} and the certificates that stand there, which are the user's own to change",
    fix: ["add to {path}:"],
  },
  "RC-RUN-031": {
    exit: "host",
    summary: "the builder {builder} of {login} does not know {name} yet",
    cause: "docker buildx create has copied configuration and certificates into its container, so it must be made anew",
    fix: [
      "docker buildx rm {builder}",
      "docker buildx create --name {builder} --driver docker-container --buildkitd-config buildkitd.toml",
    ],
  },
  "RC-RUN-040": {
    exit: "host",
    summary: "every program on this host trusts the CA of {name} now, for every name",
    cause:
      "the system's CA store knows no limit to one registry; programs that run already, dockerd among them, read it when they start",
    fix: ["systemctl restart docker   # when nobody needs it for a moment"],
  },
  "RC-RUN-041": {
    exit: "host",
    summary: "the certificate of {name} is no CA, and not every program takes it from the system's CA store",
    cause:
      "{subject} is a server's own certificate: Go and OpenSSL take it as an anchor if it signs itself, p11-kit (Red Hat) leaves it out",
    fix: ["have the registry's certificate issued by a CA, and trust that: regclient enroll {name} --ca-file FILE"],
  },
  "RC-RUN-042": {
    exit: "host",
    summary: "nothing that is trusted for {name} can go into the system's CA store",
    cause: "there is no CA among it, and what the server shows does not stand for itself there",
    fix: ["leave out --runtime system", "or: regclient enroll {name} --ca-file FILE, with the CA's certificate"],
  },
} as const satisfies Record<string, FindingEntry>;
