import type { FindingEntry } from "../finding-entry.ts";

/** RC-TRU: whether a certificate is to be trusted. */
export const trustFindings = {
  "RC-TRU-001": {
    exit: "usage",
    summary: "not a SHA-256 fingerprint: {text}",
    cause: "{reason}",
    fix: ["openssl x509 -in server.crt -noout -fingerprint -sha256   # on the registry's host"],
  },
  "RC-TRU-010": {
    exit: "trust",
    summary: "{path} is in the way",
    cause: "{what} stands there, and it does not make the certificate that is served trusted",
    fix: [
      "openssl x509 -in {path} -noout -subject -fingerprint -sha256",
      "replace it, to be put back by unenroll: regclient enroll {name} --replace …",
    ],
  },
  "RC-TRU-011": {
    exit: "trust",
    summary: "nobody has vouched for the certificate of {name}",
    cause:
      "it is self-signed or from a CA this host does not know, and what a network shows first may be anybody's; it shows {seen}",
    fix: [
      "on the registry's own host: openssl x509 -in server.crt -noout -fingerprint -sha256",
      "if it is the same: regclient enroll {name} --fingerprint {seen}   # and --address, --username as before",
      "or bring the certificate over a safe way and give it with --ca-file FILE",
    ],
  },
  "RC-TRU-012": {
    exit: "trust",
    summary: "{name} shows another certificate than the one vouched for",
    cause:
      "wanted: {wanted}; seen: {seen}. Another server answers, the certificate was replaced, or somebody is on the wire",
    fix: [
      "on the registry's own host: openssl x509 -in server.crt -noout -fingerprint -sha256",
      "if a CA's fingerprint was given and the server does not send the CA: add --ca-file FILE",
    ],
  },
  "RC-TRU-013": {
    exit: "trust",
    summary: "{name} shows a certificate that nothing trusted so far vouches for",
    cause:
      "trusted: {held}; seen: {seen}. The certificate was replaced without notice, or somebody is on the wire; what is trusted stays as it is",
    fix: [
      "on the registry's own host: openssl x509 -in server.crt -noout -fingerprint -sha256",
      "if it is the same as seen: regclient trust accept {name} {seen}",
      "if it is not: regclient trust reject {name} {seen}",
    ],
  },
  "RC-TRU-015": {
    exit: "trust",
    summary: "no certificate could be fetched from {url}",
    cause: "{reason}",
    fix: ["curl -v {url}", "or bring the certificate over another way, and give it with --ca-file FILE"],
  },
  "RC-TRU-016": {
    exit: "trust",
    summary: "{name} shows a certificate that was rejected",
    cause: "trusted: {held}; seen: {seen}, which somebody has turned down on this host; what is trusted stays as it is",
    fix: [
      "who, and when: regclient trust show {name}",
      "if it was rejected by mistake: regclient enroll {name} --fingerprint {seen}",
    ],
  },
  "RC-TRU-017": {
    exit: "trust",
    summary: "{given} is not what {name} waits with",
    cause: "{reason}; nothing was changed",
    fix: ["what waits, and its fingerprint: regclient trust show {name}"],
  },
  "RC-TRU-020": {
    exit: "trust",
    summary: "{path} holds a private key",
    cause:
      "a file that regclient replaces is kept, to be put back, in records that everybody can read: no place for a key",
    fix: ["mv {path} /root/   # docker looks for no key there", "then again: regclient enroll {name} --replace …"],
  },
  "RC-TRU-021": {
    exit: "trust",
    summary: "{path} may not be read by everybody, mode {mode}",
    cause: "a file that regclient replaces is kept, to be put back, in records that everybody can read",
    fix: [
      "if nothing in it is secret: chmod 644 {path}",
      "or move it away: mv {path} /root/",
      "then again: regclient enroll {name} --replace …",
    ],
  },
  "RC-TRU-032": {
    exit: "trust",
    summary: "{name} shows a certificate before its hold-down has passed",
    cause:
      "{source} announces it since {since}, and {left} of {holdDown} are to pass yet. Only time in which the announcement can be read over a connection that a trusted certificate verifies counts; trusted: {held}; seen: {seen}",
    fix: [
      "serve the certificate from before until then; it is trusted by itself afterwards",
      "or compare it on the registry's own host: openssl x509 -in server.crt -noout -fingerprint -sha256",
      "if it is the same as seen: regclient trust accept {name} {seen}",
    ],
  },
  "RC-TRU-033": {
    exit: "trust",
    summary: "the trust source {source} could not be read",
    cause: "{reason}",
    fix: ["curl -v {source}"],
  },
  "RC-TRU-034": {
    exit: "trust",
    summary: "the trust source {source} leads elsewhere",
    cause: "it redirects to {location}, and what another server says there is not vouched for",
    fix: ["if that is the right place, declare it as a source of its own: trust.sources in the declaration"],
  },
  "RC-TRU-035": {
    exit: "trust",
    summary: "the trust source {source} has {count} certificates",
    cause: "a registry needs one or two; more than {limit} are no announcement but a collection, and none is taken",
    fix: ["leave only the certificates of this registry, or of its CA, there"],
  },
  "RC-TRU-050": {
    exit: "trust",
    summary: "there is nothing to put into a token for {name}",
    cause:
      "no fingerprint and no file was given, this host is not enrolled, and the address given is none of this host's own: what a network shows may be anybody's",
    fix: [
      "run it on the registry's own host: regclient token create {name} --address IP",
      "or give the registry's certificate: regclient token create {name} --ca-file FILE",
    ],
  },
} as const satisfies Record<string, FindingEntry>;
