/** What the pages leave open, and a host of the lab has. */
export interface Facts {
  /** Of the certificate that is served. */
  readonly fingerprint: string;
  readonly version: string;
  /** Of the package that comes after it. */
  readonly newer: string;
}

type Row = readonly [from: RegExp, to: string | ((facts: Facts) => string)];

const served = ({ fingerprint }: Facts): string => fingerprint;

/** In this order; what is in capitals or … stands for something of the reader's own. */
const ROWS: readonly Row[] = [
  [/sha256:[0-9a-f]*…[0-9a-f]*/g, served],
  [/(?<=--fingerprint )…|\bFINGERPRINT\b/g, served],
  [/(?<=regclient enroll )…/g, "NAME …"],
  [/(?<=\benroll \S+ )…(?=.*--username)/g, ({ fingerprint }) => `--address 10.10.62.103 --fingerprint ${fingerprint}`],
  [/(?<=\benroll \S+ )…/g, ({ fingerprint }) => `--address 10.10.62.103 --fingerprint ${fingerprint} --username xl`],
  [/(?<=token create \S+ )…/g, "--address 10.10.62.103 --username xl"],
  [/(?<=docker pull )…/g, "devregistry:443/nothing-of-this-name"],
  [/(?<=--via )NAME/g, "podman"],
  [/\bPATH=…/g, 'PATH="$PWD/node_modules/.bin:$PATH"'],
  [/(?<=--socket )PATH/g, "/run/regclient-of-a-person.sock"],
  [/\bNAME:PORT\b/g, "devregistry:443"],
  [/\b(?:NAME|AUTHORITY)\b/g, "devregistry"],
  [/\b(?:IP|HOST)\b/g, "10.10.62.103"],
  [/\bUSER(?:NAME)?\b/g, "xl"],
  [/\bCODE\b/g, "RC-TLS-003"],
  [/\bCOMMAND\b/g, "enroll"],
  [/\bUNIT\b/g, "regclient.service"],
  [/(?<![A-Z])VERSION(?![A-Z])/g, ({ version }) => version],
  [/(?<![A-Z])NEWER(?![A-Z])/g, ({ newer }) => newer],
  [/\bserver\.crt\b/g, "/var/lib/devregistry/tls/current/certificate.pem"],
  // a gigabyte through three ways is for scripts/bench
  [/(?<=--size )1G\b/g, "10M"],
];

/** A command line as a page has it, with the reader's own things put in. */
export function fillPlaceholders(text: string, facts: Facts): string {
  return ROWS.reduce((rest, [from, to]) => rest.replace(from, typeof to === "string" ? to : to(facts)), text);
}
