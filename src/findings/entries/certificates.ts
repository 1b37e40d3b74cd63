import type { FindingEntry } from "../finding-entry.ts";

/** RC-TLS: what Go's TLS says of a served chain (001 to 019), and reading certificates (030 and up). */
export const certificatesFindings = {
  "RC-TLS-001": {
    exit: "unreachable",
    summary: "the certificate names {host} only in its common name",
    cause:
      "Go programs (Docker since 20.10.8, podman, containerd) look only at subject alternative names, and this certificate has none",
    fix: [
      'openssl req -x509 -newkey rsa:4096 -sha256 -days 825 -nodes -keyout server.key -out server.crt -subj "/CN={host}" -addext "subjectAltName={san}"',
      "install server.crt and server.key in the registry's TLS server, restart it, and enroll again",
    ],
  },
  "RC-TLS-002": {
    exit: "unreachable",
    summary: "the certificate has no IP address in its names, and {host} was dialled",
    cause:
      "an address is matched only against IP entries among the subject alternative names; a DNS entry that spells an address does not count",
    fix: [
      "reach the registry by a name in its certificate ({names}), or make one with the address:",
      'openssl req -x509 -newkey rsa:4096 -sha256 -days 825 -nodes -keyout server.key -out server.crt -subj "/CN={host}" -addext "subjectAltName={san}"',
    ],
  },
  "RC-TLS-003": {
    exit: "unreachable",
    summary: "the certificate is not for {host}",
    cause: "its subject alternative names are: {names}; a wildcard stands for exactly one label",
    fix: [
      "use a name that is in the certificate, check that the address is the right server's, or make a certificate with the name:",
      'openssl req -x509 -newkey rsa:4096 -sha256 -days 825 -nodes -keyout server.key -out server.crt -subj "/CN={host}" -addext "subjectAltName={san}"',
    ],
  },
  "RC-TLS-004": {
    exit: "unreachable",
    summary: "the certificate of {host} has expired",
    cause: "it was valid until {notAfter}, and it is {now}",
    fix: [
      "renew the certificate and restart the registry's TLS server, which reads it only when it starts",
      "if the date above is wrong, set this host's clock: timedatectl set-ntp true",
    ],
  },
  "RC-TLS-005": {
    exit: "unreachable",
    summary: "the certificate of {host} is not valid yet",
    cause: "it is valid from {notBefore}, and it is {now}; mostly one of the two clocks is wrong",
    fix: ["timedatectl set-ntp true"],
  },
  "RC-TLS-006": {
    exit: "trust",
    summary: "the certificate of {host} leads to a root that is not trusted",
    cause: "the self-signed certificate {subject} is not among the trusted ones",
    fix: [
      "get the fingerprint from the registry's administrator, and give it with --fingerprint",
      "openssl x509 -in server.crt -noout -fingerprint -sha256   # on the registry's host",
      "if it was replaced after enrolling: regclient reconcile {name}   # says what waits, and how to accept it",
    ],
  },
  "RC-TLS-007": {
    exit: "trust",
    summary: "the certificate of {host} is from an authority that is not trusted",
    cause:
      "{issuer} issued it, and a certificate of that name is neither among the trusted ones nor sent by the server: the server leaves an intermediate out, or another CA is needed",
    fix: [
      "let the server send its whole chain: cat server.crt intermediate.crt > fullchain.crt",
      "or give the CA that issued it with --ca-file",
    ],
  },
  "RC-TLS-008": {
    exit: "trust",
    summary: "the trusted CA did not sign the certificate of {host}",
    cause:
      "the trusted certificate {subject} has the name of the issuer but another key: the CA was made anew under its old name, or somebody imitates it",
    fix: [
      "get the new CA certificate's fingerprint from the registry's administrator, and enroll again with it: regclient enroll {name} --fingerprint FINGERPRINT",
    ],
  },
  "RC-TLS-009": {
    exit: "unreachable",
    summary: "the issuer of the certificate of {host} is not a CA",
    cause: "{subject} issued it but lacks CA:TRUE in its basic constraints, or keyCertSign in its key usage",
    fix: [
      'make the CA again with: -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"',
      "or trust the server's own certificate with --fingerprint",
    ],
  },
  "RC-TLS-010": {
    exit: "unreachable",
    summary: "the certificate of {host} has a signature that Go does not accept",
    cause: "{goText} ({algorithm})",
    fix: ["issue the certificate again with -sha256"],
  },
  "RC-TLS-011": {
    exit: "unreachable",
    summary: "the certificate of {host} is not for servers",
    cause: "it, or a CA above it, lists extended key usages without serverAuth",
    fix: ["issue the certificate again with: extendedKeyUsage=serverAuth"],
  },
  "RC-TLS-012": {
    exit: "unreachable",
    summary: "the chain of {host} is longer than a CA in it allows",
    cause: "the path length constraint of {subject} is smaller than the number of intermediates below it",
    fix: ["issue from a CA with a larger pathlen, or without one"],
  },
  "RC-TLS-013": {
    exit: "unreachable",
    summary: "a CA of {host} may not vouch for a name in the certificate",
    cause: "{goText}",
    fix: ["issue the certificate with names that the name constraints of {subject} permit"],
  },
  "RC-TLS-014": {
    exit: "unreachable",
    summary: "a certificate of {host} has a critical extension that Go does not know",
    cause: "{subject} marks as critical: {extensions}",
    fix: ["issue the certificate again without the extension, or with it not critical"],
  },
  "RC-TLS-015": {
    exit: "unreachable",
    summary: "a key of {host} is too short",
    cause: "{subject} has {keyType}, and Go 1.24 takes no RSA key below 1024 bits",
    fix: ["make the certificate again with: -newkey rsa:4096"],
  },
  "RC-TLS-016": {
    exit: "unreachable",
    summary: "a CA above the certificate of {host} is outside its validity",
    cause: "{subject} is valid from {notBefore} to {notAfter}, and it is {now}",
    fix: [
      "renew the CA certificate (the same key keeps what it issued valid), and give it with --ca-file",
      "if the date above is wrong, set this host's clock: timedatectl set-ntp true",
    ],
  },
  "RC-TLS-017": {
    exit: "unreachable",
    summary: "Go cannot read a certificate of {host}",
    cause: "{goText}",
    fix: ["issue the certificate {subject} again with a current tool"],
  },
  "RC-TLS-018": {
    exit: "unreachable",
    summary: "the chain of {host} takes too many checks",
    cause:
      "{goText}: the server sends, or ca.crt holds, very many certificates of one name, or very many names and name constraints; Go stops after 100 signatures, and after 250,000 names compared",
    fix: ["let the server send only its own chain"],
  },
  "RC-TLS-019": {
    exit: "unreachable",
    summary: "{host} sent no certificate",
    cause: "{goText}",
    fix: ["configure the certificate of the registry's TLS server"],
  },
  "RC-TLS-030": {
    exit: "usage",
    summary: "not a certificate",
    cause: "{reason}",
    fix: ["openssl x509 -in FILE -noout -text   # shows whether it is one"],
  },
  "RC-TLS-031": {
    exit: "usage",
    summary: "{origin} is empty",
    cause: "there is nothing in it that could be a certificate",
    fix: ["give the CA certificate, or the server's own, in PEM, DER or PKCS#7"],
  },
  "RC-TLS-032": {
    exit: "usage",
    summary: "{origin} is too large for certificates",
    cause: "it has {size} bytes, and at most 1 MiB is read",
    fix: ["give only the certificates that this registry needs"],
  },
  "RC-TLS-033": {
    exit: "usage",
    summary: "no certificate in {origin}",
    cause: "it holds {found}",
    fix: ["give the CA certificate, or the server's own, in PEM, DER or PKCS#7"],
  },
  "RC-TLS-034": {
    exit: "usage",
    summary: "broken certificate in {origin}, line {line}",
    cause: "{reason}",
    fix: ["copy the file again, whole, as text"],
  },
  "RC-TLS-035": {
    exit: "usage",
    summary: "broken certificate in {origin}",
    cause: "{reason}",
    fix: ["copy the file again, whole, in binary mode"],
  },
  "RC-TLS-036": {
    exit: "usage",
    summary: "a private key is in {origin}",
    cause: "the file holds {what}; a client needs only certificates, and a key must not leave its server",
    fix: [
      "give only the certificate: openssl x509 -in FILE -out ca.crt",
      "if the key was copied here from the registry, treat it as known to others and replace it",
    ],
  },
  "RC-TLS-051": {
    exit: "usage",
    summary: "no client certificate in {path}",
    cause: "a client certificate is a PEM file that begins with -----BEGIN CERTIFICATE-----, and this one has none",
    fix: [
      "openssl x509 -inform der -in FILE -out client.cert   # from DER",
      "openssl pkcs12 -in FILE -nokeys -clcerts   # from PKCS#12",
    ],
  },
  "RC-TLS-052": {
    exit: "usage",
    summary: "the client key {path} cannot be used",
    cause: "{reason}",
    fix: [
      "openssl pkey -in {path} -out client.key   # takes a passphrase off",
      "openssl pkcs12 -in FILE -nocerts -noenc   # from PKCS#12",
    ],
  },
  "RC-TLS-053": {
    exit: "usage",
    summary: "the client certificate {certFile} and the key {keyFile} do not belong together",
    cause: "the public key in the certificate of {subject} is not that of the private key",
    fix: [
      "openssl x509 -in {certFile} -noout -pubkey | openssl sha256",
      "openssl pkey -in {keyFile} -pubout | openssl sha256",
    ],
  },
  "RC-TLS-054": {
    exit: "usage",
    summary: "the client certificate {certFile} is not valid now",
    cause: "{reason}, and every server would refuse it",
    fix: ["have a new one issued to {subject}", "timedatectl   # shows whether the clock of this host is right"],
  },
  "RC-TLS-055": {
    exit: "usage",
    summary: "the certificate {certFile} is not for clients",
    cause: "its extended key usage leaves out clientAuth, so servers refuse it as a client certificate",
    fix: [
      "have one issued with the extended key usage clientAuth: openssl x509 -in {certFile} -noout -ext extendedKeyUsage",
    ],
  },
} as const satisfies Record<string, FindingEntry>;
