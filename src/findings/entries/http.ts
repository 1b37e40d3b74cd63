import type { FindingEntry } from "../finding-entry.ts";

/** RC-HTP: what answers, and whether it is a registry. */
export const httpFindings = {
  "RC-HTP-001": {
    exit: "unreachable",
    summary: "the response headers of {authority} are too large",
    cause: "more than {limit} bytes of headers came in answer to {request}",
    fix: ["look at what answers on that port: a registry sends less than 2 KiB"],
  },
  "RC-HTP-002": {
    exit: "unreachable",
    summary: "{authority} answers with something that is not HTTP",
    cause: "the answer to {request} could not be read as HTTP/1.1: {reason}",
    fix: ["look at what answers on that port"],
  },
  "RC-HTP-003": {
    exit: "unreachable",
    summary: "the answer of {authority} is too large",
    cause: "more than {limit} bytes came in answer to {request}; the rest was not read",
    fix: ["look at what answers on that port"],
  },
  "RC-HTP-004": {
    exit: "unreachable",
    summary: "the answer of {authority} broke off",
    cause: "the connection ended in the middle of the answer to {request}",
    fix: ["look at the error log of the server and of any proxy in between"],
  },
  "RC-HTP-005": {
    exit: "unreachable",
    summary: "{authority} is not a Docker registry",
    cause: "a web server answers, but {reason}",
    fix: ["curl -i https://{authority}/v2/", "correct the name or the port, or forward /v2/ to the registry"],
  },
  "RC-HTP-006": {
    exit: "unreachable",
    summary: "{authority} sends its clients to another host, {target}",
    cause: "the answer to {request} is a redirect; credentials are never sent where a redirect points",
    fix: ["enroll the registry under the name that it redirects to, or take the redirect off /v2/"],
  },
  "RC-HTP-007": {
    exit: "unreachable",
    summary: "{authority} fails with status {status}",
    cause: "the server, or a proxy in front of a registry that is down, reports an error of its own",
    fix: ["look at the error log of the registry and of the proxy in front of it"],
  },
  "RC-HTP-008": {
    exit: "unreachable",
    summary: "{authority} asks for fewer requests",
    cause: "the server limits how often it may be asked (status 429); it says to wait {wait}",
    fix: ["wait, then run it again"],
  },
} as const satisfies Record<string, FindingEntry>;
