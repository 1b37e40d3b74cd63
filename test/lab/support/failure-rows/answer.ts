import type { Bench } from "../failure-bench.ts";
import type { FailureRow } from "./row.ts";

const page = "default_type text/html;";
const location =
  (...lines: readonly string[]) =>
  ({ front }: Bench): Promise<void> =>
    front((good) => ({ location: [...good.location, ...lines] }));

/** What answers on /v2/. */
export const answerRows: readonly FailureRow[] = [
  {
    title: "the registry behind nginx is stopped",
    symptom: "received unexpected HTTP status: 502 Bad Gateway",
    code: "RC-HTP-007",
    host: "byHand",
    breaks: ({ stopRegistry }) => stopRegistry(),
  },
  {
    title: "a maintenance page",
    symptom: "received unexpected HTTP status: 503 Service Unavailable",
    code: "RC-HTP-007",
    known: 22,
    host: "byHand",
    breaks: location(page, "return 503 '<html><title>Back soon</title></html>';"),
  },
  {
    title: "a web server that is no registry",
    symptom: "404 page not found",
    code: "RC-HTP-005",
    host: "byHand",
    breaks: location(page, "return 404 '<html><title>404</title></html>';"),
  },
  {
    title: "a portal that answers everything with a page",
    symptom: "invalid character '<' looking for beginning of value",
    code: "RC-HTP-005",
    known: 13,
    host: "byHand",
    breaks: location(page, "return 200 '<html><title>Sign in</title></html>';"),
  },
  {
    title: "a redirect to another host",
    symptom: "the client goes elsewhere, or x509 of another host",
    code: "RC-HTP-006",
    host: "byHand",
    breaks: location("return 302 https://other.test$request_uri;"),
  },
  {
    title: "a proxy that drops the version header",
    symptom: "login attempt to https://devregistry/v1/users/ failed with status: 404 Not Found",
    code: "!RC-HTP-020",
    known: 16,
    host: "byHand",
    breaks: location("proxy_hide_header Docker-Distribution-Api-Version;"),
  },
  {
    title: "a cache in between",
    symptom: "old images, now and then",
    code: "!RC-HTP-021",
    host: "byHand",
    breaks: location("add_header Via '1.1 squid' always;"),
  },
  {
    title: "too many requests",
    symptom: "toomanyrequests",
    code: "RC-HTP-008",
    known: 21,
    host: "byHand",
    breaks: location("add_header Retry-After 30 always;", "return 429;"),
  },
  {
    title: "a proxy that lets this host in nowhere",
    symptom: "denied, or received unexpected HTTP status: 403 Forbidden",
    code: "RC-AUT-010",
    known: 22,
    host: "byHand",
    breaks: location("deny all;"),
  },
  {
    title: "nginx asks for the login, and does not say that it stands before a registry",
    symptom: "login attempt to https://devregistry/v1/users/ failed with status: 404 Not Found",
    code: "!RC-HTP-020",
    known: 16,
    host: "byHand",
    breaks: location("auth_basic lab;", "auth_basic_user_file /etc/lab-htpasswd;"),
  },
  {
    title: "a redirect to a path",
    symptom: "received unexpected HTTP status: 404 Not Found",
    code: "RC-HTP-005",
    host: "byHand",
    breaks: location("return 301 /registry$request_uri;"),
  },
  {
    title: "a proxy that hangs up",
    symptom: "EOF, or http: server closed idle connection",
    code: "RC-NET-012",
    host: "byHand",
    breaks: location("return 444;"),
  },
  {
    title: "clocks that are twenty minutes apart",
    symptom: "nothing, or a token used before issued",
    code: "!RC-TLS-041",
    known: 11,
    host: "byHand",
    breaks: async ({ stopFront, stub, issue }) => {
      await stopFront();
      const { certificate, keyPem } = issue({});
      const date = new Date(Date.now() + 20 * 60_000).toUTCString();
      await stub({ kind: "dated", date, cert: certificate.pem, key: keyPem });
    },
  },
];
