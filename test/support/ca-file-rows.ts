import type { Certificate } from "../../src/trust/certificate.ts";
import { rowHost } from "./go-rows.ts";
import { armour, makeCA, makeLeaf, makePkcs7 } from "./pki.ts";

/** The bytes of a ca.crt, and what Go loads of them; the server's certificate is the one called `pinned`. */
export interface CaFileRow {
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly loads: readonly Certificate[];
}

/** A pinned server certificate in every kind of ca.crt that people make. */
export function makeCaFileRows(): {
  readonly pinned: ReturnType<typeof makeLeaf>;
  readonly rows: readonly CaFileRow[];
} {
  const pinned = makeLeaf({ dns: [rowHost] });
  const other = makeCA({ commonName: "Other CA" }).certificate;
  const { pem, der } = pinned.certificate;
  const row = (title: string, content: string | Uint8Array, ...loads: readonly Certificate[]): CaFileRow => ({
    title,
    bytes: Buffer.from(content),
    loads,
  });
  const own = pinned.certificate;
  const rows = [
    row("plain PEM", pem, own),
    row("two certificates", other.pem + pem, other, own),
    row("CRLF", pem.replaceAll("\n", "\r\n"), own),
    row("no final newline", pem.trimEnd(), own),
    row("no newline between two", other.pem.trimEnd() + pem),
    row("text before", `subject=CN = x\n${pem}`, own),
    row("text after on the END line", pem.replace(/-----END.*\n/, "$& x").replace("\n x", " x\n")),
    row("spaces after the lines", pem.replaceAll("\n", " \t\n"), own),
    row("spaces before BEGIN", ` ${pem}`),
    row("spaces before the body", pem.replaceAll(/\n(?=[A-Za-z0-9])/g, "\n  "), own),
    row("byte order mark", `\ufeff${pem}`),
    row("byte order mark and two certificates", `\ufeff${other.pem}${pem}`, own),
    row("headers", pem.replace("\n", "\nA: b\n\n")),
    row("X509 CERTIFICATE", armour("X509 CERTIFICATE", der)),
    row("TRUSTED CERTIFICATE", armour("TRUSTED CERTIFICATE", der)),
    row("DER", der),
    row("PKCS#7", armour("PKCS7", makePkcs7([own]))),
    row("empty", ""),
    row("broken before good", `${other.pem.replace("MII", "M*I").replace("MIIB", "M*IB")}${pem}`, own),
    row("a private key before", `${pinned.keyPem}${pem}`, own),
    row("one long line", armour("CERTIFICATE", der).replaceAll(/(?<=[A-Za-z0-9+/=])\n(?!-)/g, ""), own),
    row("no END, then another", `${other.pem.replace(/-----END.*\n/, "")}${pem}`, own),
    row("END of another label, then another", `${other.pem.replace("END CERTIFICATE", "END X509 CRL")}${pem}`, own),
    row("END of another label", pem.replace("END CERTIFICATE", "END X509 CRL")),
  ];
  return { pinned, rows };
}
