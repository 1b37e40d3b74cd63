import { makeCA, type CertificateRequest, type Identity } from "../../../support/pki.ts";
import { name, type Bench } from "../failure-bench.ts";
import type { FailureRow } from "./row.ts";

const day = 86_400_000;
const now = Date.now();

/** A server whose CA, which the host trusts, is not as it should be. */
const trusting =
  (ca: Identity, request: CertificateRequest = {}) =>
  async ({ write, byHand, front, issue }: Bench): Promise<void> => {
    write(byHand, `/etc/docker/certs.d/${name}:443/ca.crt`, ca.certificate.pem);
    await front(() => ({ identity: issue({ issuer: ca, ...request }) }));
  };

/** A CA that the host trusts, and that is not as it should be. */
export const authorityRows: readonly FailureRow[] = [
  {
    title: "the issuer is no CA",
    symptom: "x509: invalid signature: parent certificate cannot sign this kind of certificate",
    code: "RC-TLS-009",
    host: "byHand",
    breaks: trusting(makeCA({ commonName: "No CA", basicConstraints: { ca: false } })),
  },
  {
    title: "the CA has expired",
    symptom: "x509: certificate has expired or is not yet valid",
    code: "RC-TLS-016",
    known: 4,
    host: "byHand",
    breaks: trusting(makeCA({ commonName: "Old CA", notBefore: now - 90 * day, notAfter: now - day })),
  },
  {
    title: "the CA may not vouch for the name",
    symptom: "x509: a root or intermediate certificate is not authorized to sign for this name",
    code: "RC-TLS-013",
    host: "byHand",
    breaks: trusting(makeCA({ commonName: "Narrow CA", nameConstraints: { permittedDns: ["other.test"] } })),
  },
  {
    title: "the chain is longer than its CA allows",
    symptom: "x509: too many intermediates for path length constraint",
    code: "RC-TLS-012",
    host: "byHand",
    breaks: async (bench) => {
      const root = makeCA({ commonName: "Short CA", basicConstraints: { ca: true, pathLength: 0 } });
      await trusting(root, { issuer: makeCA({ commonName: "Below", issuer: root }) })(bench);
    },
  },
];
