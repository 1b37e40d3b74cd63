import type { FindingEntry } from "../finding-entry.ts";

/** RC-PSH: pushing and pulling. */
export const transferFindings = {
  "RC-PSH-001": {
    exit: "smoke",
    summary: "authenticated, but no right to push to {repository}",
    cause: "{authority} knows this login and does not let it write to {repository}",
    fix: [
      "give the user the right to push to {repository}, or name another with --repository",
      "Harbor says the same where there is no such project: it takes --repository PROJECT/NAME only",
    ],
  },
  "RC-PSH-002": {
    exit: "smoke",
    summary: "authenticated, but no right to pull from {repository}",
    cause: "{authority} knows this login and does not let it read {repository}",
    fix: ["give the user the right to pull from {repository}, or name another with --repository"],
  },
  "RC-PSH-003": {
    exit: "smoke",
    summary: "{authority} does not have {what}",
    cause: "the registry answers 404: it was never pushed, was deleted, or lies on another replica",
    fix: ["correct the repository; in Harbor, the project must be made first"],
  },
  "RC-PSH-004": {
    exit: "smoke",
    summary: "a push of {size} bytes is too large for the proxy in front of {authority}",
    cause: "the answer is 413, from {server}: it limits the size of a request body",
    fix: [
      "nginx: set client_max_body_size 0; in every proxy on the way",
      "Apache: LimitRequestBody 0; a service such as Cloudflare has a limit of its plan: lead pushes past it",
    ],
  },
  "RC-PSH-005": {
    exit: "smoke",
    summary: "{authority} takes no pushes now",
    cause: "the answer to a push is 405: the registry is in read-only mode, or a proxy allows only GET",
    fix: ["switch storage.maintenance.readonly off, or allow POST, PUT and PATCH in the proxy"],
  },
  "RC-PSH-006": {
    exit: "smoke",
    summary: "{authority} fails with status {status} while asked to {action}",
    cause: "the registry, or a proxy in front of it, reports an error of its own",
    fix: ["look at the error log of the registry and of the proxy in front of it"],
  },
  "RC-PSH-007": {
    exit: "smoke",
    summary: "the disk of {authority} is full",
    cause: "the registry could not store the push: no space left on device",
    fix: ["free or add space where the registry stores its data (registry garbage-collect)"],
  },
  "RC-PSH-008": {
    exit: "smoke",
    summary: "{authority} asks for fewer requests",
    cause: "the registry limits how often it may be asked (status 429); it says to wait {wait}",
    fix: ["wait, then run it again"],
  },
  "RC-PSH-009": {
    exit: "smoke",
    summary: "{authority} sends uploads to http://",
    cause: "the registry does not know that TLS ends in front of it: the proxy does not pass X-Forwarded-Proto",
    fix: [
      "nginx: add proxy_set_header X-Forwarded-Proto $scheme; to the location of /v2/",
      "nginx: add proxy_set_header Host $http_host;",
    ],
  },
  "RC-PSH-010": {
    exit: "smoke",
    summary: "{authority} sends uploads to another host, {target}",
    cause:
      "the registry does not know the name that clients use: the proxy does not pass Host, or http.host of the registry is wrong. Nothing was sent there",
    fix: [
      "nginx: add proxy_set_header Host $http_host; to the location of /v2/",
      "or set http.relativeurls: true in the registry",
    ],
  },
  "RC-PSH-011": {
    exit: "smoke",
    summary: "{authority} does not say where to upload",
    cause: "{reason}",
    fix: ["look at what answers on /v2/: the Location header must reach the client"],
  },
  "RC-PSH-012": {
    exit: "smoke",
    summary: "{authority} forgot the upload that it had begun",
    cause: "blob upload unknown: the replicas of the registry do not share their storage, or the upload was cleaned up",
    fix: ["give all replicas the same storage, or make the load balancer keep a client on one replica"],
  },
  "RC-PSH-013": {
    exit: "smoke",
    summary: "{authority} does not know its own upload address",
    cause:
      "blob upload invalid: the replicas of the registry have different http.secret values, or the proxy changes the address",
    fix: ["set the same http.secret on all replicas"],
  },
  "RC-PSH-014": {
    exit: "smoke",
    summary: "what {authority} gave is not what was asked for",
    cause: "the digest of the answer is {got}, not {wanted}: the data was changed on the way or in storage",
    fix: ["push it again; if it stays, check the storage of the registry and any cache in between"],
  },
  "RC-PSH-015": {
    exit: "smoke",
    summary: "{authority} lost a blob that was just pushed to {repository}",
    cause:
      "manifest blob unknown: the blob went to a replica that does not share its storage with the one that took the manifest",
    fix: ["give all replicas the same storage"],
  },
  "RC-PSH-016": {
    exit: "smoke",
    summary: "{authority} refused to {action}: {reason}",
    cause: "the registry found the request itself wrong (status {status})",
    fix: ["try another repository with --repository; lower case, as in team/app"],
  },
  "RC-PSH-017": {
    exit: "smoke",
    summary: "{authority} gave an answer that no registry gives, while asked to {action}",
    cause: "status {status}: {reason}",
    fix: ["look at the proxies between this host and the registry"],
  },
  "RC-PSH-018": {
    exit: "smoke",
    summary: "{authority} sends pulls to a place that is not safe: {target}",
    cause: "{reason}",
    fix: ["storage.redirect.disable: true makes the registry serve its blobs itself"],
  },
  "RC-PSH-060": {
    exit: "smoke",
    summary: "{authority} has no project {project}, so nothing can be pushed to {repository}",
    cause: "the registry keeps repositories in projects, as Harbor does, and the first part of the name is the project",
    fix: ["name one that there is with --repository PROJECT/NAME, or make the project {project}"],
  },
  "RC-PSH-019": {
    exit: "smoke",
    summary: "{authority} sends pulls to {target}, which cannot be reached from here",
    cause: "{reason}; the registry redirects to its storage, which its clients must reach too",
    fix: ["curl -I {target}", "or let the registry serve its blobs itself: storage.redirect.disable: true"],
  },
  "RC-PSH-030": {
    exit: "smoke",
    summary: "what was pulled from {repository} is not what was pushed",
    cause: "pushed {pushed}, pulled {pulled}: a proxy or cache answers with something else",
    fix: ["ask the registry past its proxy, and compare the two digests"],
  },
} as const satisfies Record<string, FindingEntry>;
