import type { MessageRow } from "../message-row.ts";

const UNKNOWN =
  /x509: certificate signed by unknown authority|self[- ]signed certificate|unable to get local issuer certificate|SEC_ERROR_UNKNOWN_ISSUER/;
const SHOW = "openssl s_client -connect {authority} -showcerts </dev/null";
const DATES = "openssl s_client -connect {authority} </dev/null | openssl x509 -noout -dates; date -u";
const NAMES = "openssl s_client -connect {authority} </dev/null | openssl x509 -noout -ext subjectAltName";

/** What Go, OpenSSL and curl say of certificates, and Docker of the files it reads them from. */
export const certificateRows: readonly MessageRow[] = [
  { pattern: UNKNOWN, code: "RC-TLS-006", weight: 65 },
  { pattern: UNKNOWN, code: "RC-TLS-007", weight: 60, confirm: SHOW },
  { pattern: UNKNOWN, code: "RC-CFG-032", weight: 45, confirm: "ls -l /etc/docker/certs.d/*/" },
  {
    pattern: UNKNOWN,
    code: "RC-CFG-031",
    weight: 35,
    confirm: "openssl x509 -in /etc/docker/certs.d/{authority}/ca.crt -noout -subject",
  },
  {
    pattern: /unable to verify the first certificate|unable to get issuer certificate/,
    code: "RC-TLS-007",
    weight: 80,
    confirm: SHOW,
  },
  {
    pattern:
      /possibly because of "?\\?"?(?:crypto\/rsa: verification error|x509: (?:ECDSA|Ed25519) verification failure)/,
    code: "RC-TLS-008",
    weight: 95,
  },
  { pattern: /parent certificate cannot sign this kind of certificate/, code: "RC-TLS-009", weight: 95 },
  // the words are the same for a self-signed certificate that was replaced by another of its name
  { pattern: /parent certificate cannot sign this kind of certificate/, code: "RC-TLS-006", weight: 90 },
  { pattern: /certificate relies on legacy Common Name field/, code: "RC-TLS-001", weight: 98, confirm: NAMES },
  {
    pattern: /cannot validate certificate for (?<host>[\w.:-]+) because it doesn't contain any IP SANs/,
    code: "RC-TLS-002",
    weight: 98,
    confirm: NAMES,
  },
  {
    pattern:
      /x509: certificate is (?:valid for .+, not (?<host>[\w.-]+)|not valid for any names)|no alternative certificate subject name matches/,
    code: "RC-TLS-003",
    weight: 98,
    confirm: NAMES,
  },
  {
    pattern: /Hostname\/IP does not match certificate's altnames|subjectAltName does not match/,
    code: "RC-TLS-003",
    weight: 95,
    confirm: NAMES,
  },
  {
    pattern:
      /has expired or is not yet valid: current time .+ is after|SSL certificate problem: certificate has expired|CERT_HAS_EXPIRED|sslv3 alert certificate expired/,
    code: "RC-TLS-004",
    weight: 98,
    confirm: DATES,
  },
  {
    pattern: /has expired or is not yet valid: current time .+ is before|certificate is not yet valid/,
    code: "RC-TLS-005",
    weight: 95,
    confirm: DATES,
  },
  {
    pattern: /has expired or is not yet valid/,
    code: "RC-TLS-042",
    weight: 50,
    confirm: "date -u; curl -skI https://{authority}/v2/ | grep -i ^date",
  },
  { pattern: /has expired or is not yet valid\s*$/, code: "RC-TLS-004", weight: 70, confirm: DATES },
  {
    pattern:
      /insecure algorithm (?:SHA1|MD5)|cannot verify signature: (?:insecure|algorithm unimplemented)|EE certificate key too weak|CA md too weak/,
    code: "RC-TLS-010",
    weight: 95,
  },
  {
    pattern:
      /certificate specifies an incompatible key usage|unsuitable certificate purpose|unsupported certificate purpose/,
    code: "RC-TLS-011",
    weight: 95,
  },
  {
    pattern: /too many intermediates for path length constraint|path length constraint exceeded/,
    code: "RC-TLS-012",
    weight: 95,
  },
  {
    pattern: /is not permitted by any constraint|permitted subtree violation|excluded subtree violation/,
    code: "RC-TLS-013",
    weight: 95,
  },
  { pattern: /unhandled critical extension/, code: "RC-TLS-014", weight: 95 },
  {
    pattern: /x509: (?:negative serial number|malformed|invalid)|failed to parse certificate from server/,
    code: "RC-TLS-017",
    weight: 80,
  },
  {
    pattern: /[Mm]issing (?:client certificate|key) (?<file>\S+) for (?:key|client certificate) (?<other>[^\s.]+\.\w+)/,
    code: "RC-CFG-030",
    weight: 98,
    confirm: "ls -l /etc/docker/certs.d/*/",
  },
  {
    pattern: /unable to load CA cert "(?<file>[^"]+)"|CA certificates must use the extension \.crt/,
    code: "RC-CFG-031",
    weight: 92,
    confirm: "openssl x509 -in {file} -noout -subject",
  },
  {
    pattern: /certs\.d\/\S+\.crt: (?:is a directory|no such file or directory)/,
    code: "RC-CFG-030",
    weight: 95,
    confirm: "ls -l /etc/docker/certs.d/*/",
  },
  {
    pattern:
      /tls: (?:bad certificate|certificate required)|alert certificate required|alert bad certificate|No required SSL certificate was sent/,
    code: "RC-NET-011",
    weight: 90,
    confirm: SHOW,
  },
];
