import type { Certificate } from "../../src/trust/certificate.ts";
import { makePkcs7 } from "./pki.ts";
import type { SourceServer } from "./source-server.ts";

// Stand-ins: no Harbor, EST server, step-ca or Vault runs here. Each answers as its specification or documentation says.

type Answer = SourceServer["answer"];

/** Harbor 2: the CA as a download; without one, its JSON of errors. */
export function standInHarbor(ca: Certificate | undefined): Answer {
  return ({ path }) => {
    if (path !== "/api/v2.0/systeminfo/getcert")
      return { headers: { "Content-Type": "text/html" }, body: "<!doctype html>" };
    const missing = { errors: [{ code: "NOT_FOUND", message: "cert not found" }] };
    if (ca === undefined)
      return { status: 404, headers: { "Content-Type": "application/json" }, body: JSON.stringify(missing) };
    const headers = {
      "Content-Type": "application/octet-stream",
      "Content-Disposition": "attachment; filename=ca.crt",
    };
    return { headers, body: ca.pem };
  };
}

/** EST, RFC 7030 section 4.1.3: a certs-only PKCS#7, in lines of base64. */
export function standInEst(certificates: readonly Certificate[]): Answer {
  return ({ path }) => {
    if (path !== "/.well-known/est/cacerts") return { status: 404 };
    const lines =
      Buffer.from(makePkcs7(certificates))
        .toString("base64")
        .match(/.{1,64}/g) ?? [];
    const headers = { "Content-Type": "application/pkcs7-mime", "Content-Transfer-Encoding": "base64" };
    return { headers, body: `${lines.join("\r\n")}\r\n` };
  };
}

/** step-ca: all of its roots. */
export function standInStepCA(roots: readonly Certificate[]): Answer {
  return ({ path }) =>
    path === "/roots.pem"
      ? { headers: { "Content-Type": "application/x-pem-file" }, body: roots.map(({ pem }) => pem).join("") }
      : { status: 404, headers: { "Content-Type": "application/json" }, body: '{"status":404,"message":"Not Found"}' };
}

/** Vault's PKI: the default issuer, without a line end; 204 where none is configured. */
export function standInVault(issuer: Certificate | undefined, mount = "pki"): Answer {
  return ({ path }) => {
    if (path !== `/v1/${mount}/ca/pem`)
      return { status: 404, headers: { "Content-Type": "application/json" }, body: '{"errors":[]}' };
    const headers = { "Content-Type": "application/pem-certificate-chain" };
    return issuer === undefined ? { status: 204, headers } : { headers, body: issuer.pem.trimEnd() };
  };
}
