import { pinned, row, rowAddress, rowHost, type GoRow, type Refusal } from "./go-row.ts";
import {
  clientAuth,
  makeCA,
  makeCertificate,
  makeLeaf,
  serverAuth,
  type CertificateRequest,
  type Identity,
} from "./pki.ts";

/** The rows about what a CA may do, and with which keys and hashes. */
export function makeIssuerRows(): readonly GoRow[] {
  return [...caRows(), ...constraintRows(), ...algorithmRows()];
}

function caRows(): readonly GoRow[] {
  const cannot = "parent certificate cannot sign this kind of certificate";
  const below = (title: string, ca: Identity, refused?: Refusal, request: CertificateRequest = {}): GoRow => {
    const leaf = makeLeaf({ issuer: ca, dns: [rowHost], ...request });
    return row(title, { leaf, anchors: [ca.certificate] }, refused);
  };
  const replaced = (title: string, request: CertificateRequest, text: string): GoRow => {
    const named = { commonName: rowHost, dns: [rowHost], ...request };
    const shown = { leaf: makeCertificate(named), anchors: [makeCertificate(named).certificate] };
    return row(title, shown, { code: "RC-TLS-006", text });
  };
  const wrongUsage = { code: "RC-TLS-011", text: "certificate specifies an incompatible key usage" } as const;
  const short = makeCA({ commonName: "Short Root", basicConstraints: { ca: true, pathLength: 0 } });
  const middle = makeCA({ commonName: "Middle", issuer: short });
  const deep = makeLeaf({ issuer: middle, dns: [rowHost] });
  const first = makeCA({ commonName: "First Middle", version: 1, issuer: makeCA({ commonName: "Its Root" }) });
  const underFirst = makeLeaf({ issuer: first, dns: [rowHost] });
  return [
    below("issuer CA:FALSE", makeCA({ commonName: "No CA", basicConstraints: { ca: false } }), {
      code: "RC-TLS-009",
      text: cannot,
    }),
    below("issuer without basicConstraints", makeCA({ commonName: "Bare CA", basicConstraints: "absent" }), {
      code: "RC-TLS-009",
      text: cannot,
    }),
    below("issuer without keyCertSign", makeCA({ commonName: "Mute CA", keyUsage: ["digitalSignature"] }), {
      code: "RC-TLS-009",
      text: cannot,
    }),
    below("issuer without keyUsage", makeCertificate({ commonName: "Open CA", basicConstraints: { ca: true } })),
    below("path length zero, direct", short),
    row(
      "path length zero, one intermediate",
      { leaf: deep, served: [deep.certificate, middle.certificate], anchors: [short.certificate] },
      { code: "RC-TLS-012", text: "too many intermediates for path length constraint" },
    ),
    replaced("self-signed, and another of its name trusted", { basicConstraints: { ca: false } }, cannot),
    replaced("the same, each a CA", { basicConstraints: { ca: true } }, "ECDSA verification failure"),
    below("a root that Go cannot read", makeCA({ commonName: "Odd CA", unknownCritical: ["1.2.3.4", "1.2.3.4"] }), {
      code: "RC-TLS-007",
      text: "certificate signed by unknown authority",
    }),
    below("version 1 root", makeCA({ commonName: "First Root", version: 1 })),
    row(
      "version 1 intermediate",
      { leaf: underFirst, served: [underFirst.certificate, first.certificate], anchors: first.issuers },
      { code: "RC-TLS-009", text: "certificate is not authorized to sign other certificates" },
    ),
    row("version 1 intermediate as root", { leaf: underFirst, anchors: [first.certificate] }),
    pinned(
      "one extension twice",
      { dns: [rowHost], unknownCritical: ["1.2.3.4", "1.2.3.4"] },
      { code: "RC-TLS-017", text: "certificate contains duplicate extension with OID" },
    ),
    pinned("EKU clientAuth, pinned", { dns: [rowHost], extendedKeyUsage: [clientAuth] }, wrongUsage),
    pinned("EKU both", { dns: [rowHost], extendedKeyUsage: [clientAuth, serverAuth] }),
    pinned("EKU any", { dns: [rowHost], extendedKeyUsage: ["2.5.29.37.0"] }),
    below("CA for clients only", makeCA({ commonName: "Client CA", extendedKeyUsage: [clientAuth] }), wrongUsage),
    pinned(
      "unknown critical extension",
      { dns: [rowHost], unknownCritical: ["1.2.3.4"] },
      { code: "RC-TLS-014", text: "unhandled critical extension" },
    ),
  ];
}

function constraintRows(): readonly GoRow[] {
  const ca = (nameConstraints: CertificateRequest["nameConstraints"]): Identity =>
    makeCA({ commonName: "Narrow CA", ...(nameConstraints === undefined ? {} : { nameConstraints }) });
  const below = (
    title: string,
    issuer: Identity,
    request: CertificateRequest,
    refused?: string,
    host = rowHost,
  ): GoRow => {
    const leaf = makeLeaf({ issuer, ...request });
    const shape = { leaf, anchors: [issuer.certificate], host };
    return row(title, shape, refused === undefined ? undefined : { code: "RC-TLS-013", text: refused });
  };
  const dns = { dns: [rowHost] };
  const directory = ca({ directory: true });
  const named = makeLeaf({ issuer: directory, ...dns });
  const narrow = makeCA({ commonName: "Narrow Root", nameConstraints: { permittedDns: [rowHost] } });
  const outside = makeCA({ commonName: "Outside Middle", issuer: narrow, dns: ["ca.other"] });
  const underOutside = makeLeaf({ issuer: outside, ...dns });
  const itself = makeCA({ commonName: "Itself", dns: ["ca.other"], nameConstraints: { permittedDns: [rowHost] } });
  return [
    below("DNS permitted", ca({ permittedDns: ["test"] }), dns),
    below("DNS not permitted", ca({ permittedDns: ["example.com"] }), dns, "is not permitted by any constraint"),
    below("DNS excluded", ca({ excludedDns: [".test"] }), dns, "is excluded by constraint"),
    below("IP permitted", ca({ permittedIp: ["0a000000ff000000"] }), { ip: [rowAddress] }, undefined, rowAddress),
    below(
      "IP not permitted",
      ca({ permittedIp: ["c0a80000ffff0000"] }),
      { ip: [rowAddress] },
      "is not permitted by any constraint",
      rowAddress,
    ),
    below(
      "IP excluded",
      ca({ excludedIp: ["0a000000ff000000"] }),
      { ip: [rowAddress] },
      "is excluded by constraint",
      rowAddress,
    ),
    below("DNS below a dot", ca({ permittedDns: [".reg.test"] }), dns, "is not permitted by any constraint"),
    below("the constrained CA's own name is outside", itself, dns),
    row(
      "an intermediate's name is outside",
      {
        leaf: underOutside,
        served: [underOutside.certificate, outside.certificate],
        anchors: [narrow.certificate],
      },
      { code: "RC-TLS-013", text: "is not permitted by any constraint" },
    ),
    row(
      "directory names, critical",
      { leaf: named, anchors: [directory.certificate] },
      { code: "RC-TLS-014", text: "unhandled critical extension" },
    ),
  ];
}

function algorithmRows(): readonly GoRow[] {
  const ca = makeCA({ commonName: "Hash CA", key: "rsa" });
  const sha1 = makeLeaf({ issuer: ca, dns: [rowHost], key: "rsa", digest: "sha1" });
  const md5 = makeLeaf({ issuer: ca, dns: [rowHost], key: "rsa", digest: "md5" });
  const weakCA = makeCA({ commonName: "Weak CA", key: "rsa-768" });
  const underWeak = makeLeaf({ issuer: weakCA, dns: [rowHost] });
  const edCA = makeCA({ commonName: "Ed CA", key: "ed25519" });
  const underEd = makeLeaf({ issuer: edCA, dns: [rowHost] });
  return [
    row(
      "SHA-1",
      { leaf: sha1, anchors: [ca.certificate] },
      { code: "RC-TLS-010", text: "insecure algorithm SHA1-RSA" },
    ),
    row("MD5", { leaf: md5, anchors: [ca.certificate] }, { code: "RC-TLS-010", text: "insecure algorithm MD5-RSA" }),
    pinned("SHA-1, pinned itself", { dns: [rowHost], key: "rsa", digest: "sha1" }),
    row("Ed25519 CA", { leaf: underEd, anchors: [edCA.certificate] }),
    row(
      "CA with a 768-bit key",
      { leaf: underWeak, anchors: [weakCA.certificate] },
      { code: "RC-TLS-015", text: "768-bit keys are insecure" },
    ),
    pinned(
      "768-bit key, pinned",
      { dns: [rowHost], key: "rsa-768" },
      { code: "RC-TLS-015", text: "768-bit keys are insecure" },
    ),
    pinned(
      "negative serial",
      { dns: [rowHost], serial: "ff01" },
      { code: "RC-TLS-017", text: "negative serial number" },
    ),
  ];
}
