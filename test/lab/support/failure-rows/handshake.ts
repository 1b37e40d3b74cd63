import type { Bench } from "../failure-bench.ts";
import type { Stub } from "../failure-stub.ts";
import type { FailureRow } from "./row.ts";

const instead =
  (stub: Stub) =>
  async ({ stopFront, stub: start }: Bench): Promise<void> => {
    await stopFront();
    await start(stub);
  };

/** What answers on the port, before any certificate. */
export const handshakeRows: readonly FailureRow[] = [
  {
    title: "plain HTTP on the port",
    symptom: "http: server gave HTTP response to HTTPS client",
    code: "RC-NET-006",
    known: 5,
    host: "byHand",
    breaks: ({ front }) => front(() => ({ listen: "" })),
  },
  {
    title: "another service on the port",
    symptom: "tls: first record does not look like a TLS handshake",
    code: "RC-NET-007",
    host: "byHand",
    breaks: instead({ kind: "tcp", greets: "SSH-2.0-OpenSSH_9.2\r\n" }),
  },
  {
    title: "a load balancer with nothing behind it hangs up",
    symptom: "EOF",
    code: "RC-NET-015",
    host: "byHand",
    breaks: instead({ kind: "tcp", greets: "" }),
  },
  {
    title: "a server that accepts and stays silent",
    symptom: "net/http: TLS handshake timeout",
    code: "RC-NET-005",
    known: 23,
    host: "byHand",
    breaks: instead({ kind: "tcp" }),
  },
  {
    title: "TLS 1.1 and nothing newer",
    symptom: "tls: server selected unsupported protocol version 302",
    code: "RC-NET-008",
    host: "byHand",
    breaks: ({ front }) => front(() => ({ server: ["ssl_protocols TLSv1.1;", "ssl_ciphers ALL:@SECLEVEL=0;"] })),
  },
  {
    title: "a server that knows no such name",
    symptom: "remote error: tls: unrecognized name",
    code: "RC-NET-009",
    host: "byHand",
    breaks: ({ front }) =>
      front((good) => ({
        http: ["server { listen 443 ssl default_server; ssl_reject_handshake on; }"],
        server: [...good.server, "server_name other.test;"],
      })),
  },
  {
    title: "only ciphers that Go does not have",
    symptom: "remote error: tls: handshake failure",
    code: "RC-NET-009",
    host: "byHand",
    breaks: ({ front, issue }) =>
      front((good) => ({
        identity: issue({ key: "rsa" }),
        server: [...good.server, "ssl_protocols TLSv1.2;", "ssl_ciphers ARIA256-GCM-SHA384:AES256-CCM;"],
      })),
  },
  {
    title: "a client certificate is wanted",
    symptom: "400 No required SSL certificate was sent",
    code: "RC-NET-011",
    host: "byHand",
    breaks: ({ front }) =>
      front((good) => ({
        server: [...good.server, "ssl_client_certificate /var/lib/front/certificate.pem;", "ssl_verify_client on;"],
      })),
  },
];
