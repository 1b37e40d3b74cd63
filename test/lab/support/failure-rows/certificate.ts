import { clientAuth, makeCA, makeLeaf, type CertificateRequest } from "../../../support/pki.ts";
import { address, name, type Bench } from "../failure-bench.ts";
import type { FailureRow } from "./row.ts";

const day = 86_400_000;
const now = Date.now();
// nginx itself would refuse to load what is this weak
const weak = { OPENSSL_CONF: "/etc/weak-openssl.cnf" };
const weakText = "openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nCipherString=DEFAULT:@SECLEVEL=0\n";

const serving =
  (request: (bench: Bench) => CertificateRequest) =>
  (bench: Bench): Promise<void> =>
    bench.front(() => ({ identity: bench.issue(request(bench)) }));

const weakly =
  (request: CertificateRequest) =>
  async ({ write, lab, front, issue }: Bench): Promise<void> => {
    write(lab.registry, "/etc/weak-openssl.cnf", weakText);
    await front(() => ({ identity: issue(request) }), weak);
  };

/** What Go says of the chain that nginx serves. */
export const certificateRows: readonly FailureRow[] = [
  {
    title: "a certificate with a common name only",
    symptom: "x509: certificate relies on legacy Common Name field, use SANs instead",
    code: "RC-TLS-001",
    known: 2,
    host: "byHand",
    breaks: ({ front, ca }) => front(() => ({ identity: makeLeaf({ commonName: name, issuer: ca }) })),
  },
  {
    title: "an address is dialled, and the certificate has none",
    symptom: "x509: cannot validate certificate for 10.10.62.103 because it doesn't contain any IP SANs",
    code: "RC-TLS-002",
    known: 3,
    host: "byHand",
    command: ["doctor", address],
    breaks: serving(() => ({ ip: [] })),
  },
  {
    title: "a certificate for another name",
    symptom: "x509: certificate is valid for other.test, not devregistry",
    code: "RC-TLS-003",
    host: "byHand",
    breaks: serving(() => ({ dns: ["other.test"] })),
  },
  {
    title: "an expired certificate, renewed on disk, and nginx not told",
    symptom: "x509: certificate has expired or is not yet valid",
    code: "RC-TLS-004",
    known: 4,
    host: "byHand",
    breaks: async (bench) => {
      await serving(() => ({ notBefore: now - 90 * day, notAfter: now - day }))(bench);
      bench.write(bench.lab.registry, "/var/lib/front/certificate.pem", bench.issue({}).certificate.pem);
    },
  },
  {
    title: "a certificate of tomorrow",
    symptom: "x509: certificate has expired or is not yet valid: current time … is before …",
    code: "RC-TLS-005",
    known: 4,
    host: "byHand",
    breaks: serving(() => ({ notBefore: now + day, notAfter: now + 90 * day })),
  },
  {
    title: "a clock that is wrong: by the server's, the certificate is valid",
    symptom: "x509: certificate has expired or is not yet valid",
    code: "RC-TLS-042",
    known: 4,
    host: "byHand",
    breaks: async ({ stopFront, stub, issue }) => {
      await stopFront();
      const { certificate, keyPem } = issue({ notBefore: now + 300 * day, notAfter: now + 500 * day });
      const date = new Date(now + 400 * day).toUTCString();
      await stub({ kind: "dated", date, cert: certificate.pem, key: keyPem });
    },
  },
  {
    title: "a certificate that ends in three days",
    symptom: "nothing yet",
    code: "!RC-TLS-040",
    known: 4,
    host: "byHand",
    breaks: serving(() => ({ notBefore: now - 90 * day, notAfter: now + 3.5 * day })),
  },
  {
    title: "nothing lies in certs.d",
    symptom: "x509: certificate signed by unknown authority",
    code: "RC-TLS-007",
    known: 1,
    host: "byHand",
    breaks: ({ run, byHand }) =>
      run(byHand, "mv /etc/docker/certs.d /etc/docker/away", "mv /etc/docker/away /etc/docker/certs.d"),
  },
  {
    title: "a self-signed certificate that nobody was given",
    symptom: "x509: certificate signed by unknown authority",
    code: "RC-TLS-006",
    known: 1,
    host: "byHand",
    breaks: ({ front }) => front(() => ({ identity: makeLeaf({ commonName: name, dns: [name], ip: [address] }) })),
  },
  {
    title: "the server leaves its intermediate out",
    symptom: "x509: certificate signed by unknown authority (browsers, which know it, are content)",
    code: "RC-TLS-007",
    known: 1,
    host: "byHand",
    breaks: ({ front, issue, ca }) => {
      const intermediate = makeCA({ commonName: "Lab Intermediate", issuer: ca });
      return front(() => ({ identity: issue({ issuer: intermediate }), sends: "" }));
    },
  },
  {
    title: "an intermediate that is sent",
    symptom: "none",
    code: "",
    known: 1,
    host: "byHand",
    breaks: serving(({ ca }) => ({ issuer: makeCA({ commonName: "Lab Intermediate", issuer: ca }) })),
  },
  {
    title: "the CA lies under the name without its port",
    symptom: "x509: certificate signed by unknown authority",
    code: "RC-CFG-032",
    known: 1,
    host: "byHand",
    breaks: ({ run, byHand }) => {
      const [right, wrong] = [`/etc/docker/certs.d/${name}:443`, `/etc/docker/certs.d/${name}:5000`];
      return run(byHand, `mv ${right} ${wrong}`, `mv ${wrong} ${right}`);
    },
  },
  {
    title: "the CA was made anew under its old name",
    symptom: "x509: certificate signed by unknown authority (possibly because of … crypto/rsa: verification error)",
    code: "RC-TLS-008",
    known: 1,
    host: "byHand",
    breaks: serving(() => ({ issuer: makeCA({ commonName: "Lab CA" }) })),
  },
  {
    title: "a certificate for clients",
    symptom: "x509: certificate specifies an incompatible key usage",
    code: "RC-TLS-011",
    host: "byHand",
    breaks: serving(() => ({ extendedKeyUsage: [clientAuth] })),
  },
  {
    title: "a critical extension that nobody knows",
    symptom: "x509: unhandled critical extension",
    code: "RC-TLS-014",
    host: "byHand",
    breaks: serving(() => ({ unknownCritical: ["1.2.3.4"] })),
  },
  {
    title: "a SHA-1 signature",
    symptom: "x509: cannot verify signature: insecure algorithm SHA1-RSA",
    code: "RC-TLS-010",
    host: "byHand",
    breaks: weakly({ digest: "sha1" }),
  },
  {
    title: "an RSA key of 768 bits",
    symptom: "tls: … crypto/rsa: 768-bit keys are insecure",
    code: "RC-TLS-015",
    host: "byHand",
    breaks: weakly({ key: "rsa-768" }),
  },
];
