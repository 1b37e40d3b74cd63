import type { FindingEntry } from "../finding-entry.ts";

/** RC-NET: reaching a registry: names, routes, ports, TLS handshakes. */
export const networkFindings = {
  "RC-NET-001": {
    exit: "unreachable",
    summary: "no address is known for {host}",
    cause: "neither the declared address, nor the hosts file, nor DNS gives an address for {host}",
    fix: ["getent hosts {host}", "give the address with --address, or correct the name"],
  },
  "RC-NET-002": {
    exit: "unreachable",
    summary: "{authority} refuses connections",
    cause: "the host answers, but nothing listens on that port (or a firewall rejects it)",
    fix: ["start the registry or its proxy, or correct the port"],
  },
  "RC-NET-003": {
    exit: "unreachable",
    summary: "there is no route to {authority}",
    cause: "the network says that the address cannot be reached from this host",
    fix: ["ip route get {address}"],
  },
  "RC-NET-004": {
    exit: "unreachable",
    summary: "connecting to {authority} timed out",
    cause: "no answer to the TCP connection: a firewall drops it, the host is down, or the address is wrong",
    fix: ["correct the address with --address, or open the port in the firewall"],
  },
  "RC-NET-005": {
    exit: "unreachable",
    summary: "the TLS handshake with {authority} stalls",
    cause:
      "the TCP connection was accepted, but the handshake did not finish: often an MTU too large on a VPN, a proxy in between, or a hung server",
    fix: ["ping -M do -s 1372 {address}", "openssl s_client -connect {authority}"],
  },
  "RC-NET-006": {
    exit: "unreachable",
    summary: "{authority} speaks plain HTTP, not HTTPS",
    cause: "the server gave an HTTP response to an HTTPS client: this port has no TLS",
    fix: ["use the port that ends TLS, or put TLS in front of the registry"],
  },
  "RC-NET-007": {
    exit: "unreachable",
    summary: "{authority} does not speak TLS",
    cause: "what listens on that port answers with something that is not TLS",
    fix: ["correct the port: another service listens on this one"],
  },
  "RC-NET-008": {
    exit: "unreachable",
    summary: "{authority} offers no TLS version that is still safe",
    cause: "the server and regclient have no TLS version in common; at least TLS 1.2 is needed, by Docker too",
    fix: ["enable TLS 1.2 and 1.3 on the server (nginx: ssl_protocols TLSv1.2 TLSv1.3;)"],
  },
  "RC-NET-009": {
    exit: "unreachable",
    summary: "the TLS handshake with {authority} failed",
    cause: "the server broke the handshake off: {reason}",
    fix: [
      "openssl s_client -connect {authority} -servername {host}",
      "look at the error log of the server",
      "let it offer what Go programs have, ECDHE with AES-GCM (nginx: ssl_ciphers HIGH:!aNULL;)",
    ],
  },
  "RC-NET-010": {
    exit: "trust",
    summary: "the certificate of {authority} is not trusted",
    cause: "the certificate could not be verified: {reason}",
    fix: ["regclient enroll {authority} --ca-file FILE", "regclient status {authority}"],
  },
  "RC-NET-011": {
    exit: "unreachable",
    summary: "{authority} wants a client certificate",
    cause: "the server asks every client for a certificate of its own, and none was shown to it",
    fix: ["regclient enroll {authority} --client-cert FILE --client-key FILE"],
  },
  "RC-NET-012": {
    exit: "unreachable",
    summary: "{authority} closed the connection without an answer",
    cause: "the connection was reset or closed before the answer to {request} came",
    fix: ["look at the error log of the server and of any proxy in between"],
  },
  "RC-NET-013": {
    exit: "unreachable",
    summary: "{authority} does not answer in time",
    cause: "nothing came for {seconds} s while waiting for the answer to {request}",
    fix: ["look at the load and the error log of the server and of any proxy in between"],
  },
  "RC-NET-014": {
    exit: "unreachable",
    summary: "{authority} is too slow",
    cause: "the answer to {request} was not complete after {seconds} s",
    fix: ["look at the load of the server and at the network in between"],
  },
  "RC-NET-015": {
    exit: "unreachable",
    summary: "{authority} hung up during the TLS handshake",
    cause:
      "the connection was closed before the handshake was done: often a proxy or load balancer that has no server behind it, or that knows no such name",
    fix: ["openssl s_client -connect {authority} -servername {host}"],
  },
  "RC-NET-016": {
    exit: "unreachable",
    summary: "stopped before {authority} had answered",
    cause: "regclient was told to stop while {request} was under way",
    fix: ["run it again"],
  },
  "RC-NET-017": {
    exit: "unreachable",
    summary: "the connection to {authority} failed",
    cause: "the network gave the error {reason}",
    fix: ["run it again; if it stays, look at the network between this host and the registry"],
  },
  "RC-NET-018": {
    exit: "unreachable",
    summary: "no name server answers for {host}",
    cause:
      "the name servers of this host gave no answer for {host} in time, so nobody knows whether there is such a name",
    fix: ["getent hosts {host}", "give the address with --address, or repair DNS on this host (/etc/resolv.conf)"],
  },
  "RC-NET-028": {
    exit: "unreachable",
    summary: "the registry {name} did not answer all questions of a pass within {seconds} s",
    cause: "it answers too slowly, or something in between holds its answers back; the host stays as it is",
    fix: ["regclient verify {name} --via direct"],
  },
  "RC-NET-019": {
    exit: "unreachable",
    summary: "{authority} does not accept the client certificate",
    cause:
      "the server refused the certificate that this host showed: its CA is not one that the server knows, or it was revoked",
    fix: [
      "openssl x509 -in FILE -noout -subject -issuer -dates   # is it from the CA in the server's ssl_client_certificate?",
      "regclient enroll {authority} --client-cert FILE --client-key FILE",
    ],
  },
} as const satisfies Record<string, FindingEntry>;
