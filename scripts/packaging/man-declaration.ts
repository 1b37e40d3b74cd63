import * as z from "zod";
import { DECLARATIONS, declarationSchema } from "../../src/enrollment/declaration.ts";
import { seeAlso } from "./man-texts.ts";
import { bold, escapeText, italic, paragraphs, renderPage, verbatim, type ManualPage } from "./roff.ts";

/** What a key says that its schema does not; a key of the schema that is missing here ends the build. */
const MEANING: Readonly<Record<string, string>> = {
  version: "of this format",
  registry: "as in image names: HOST or HOST:PORT; the file is called after it",
  address: "IP address of the registry",
  hosts: "whether the address is written to /etc/hosts as an alias",
  "trust.fingerprints": "SHA-256 of certificates to trust, or spki: of their keys",
  "trust.nextFingerprints": "those of certificates that are announced: trusted as soon as they are served",
  "trust.grace": "how long a trusted certificate stays that is no longer needed",
  "trust.caFile": "file of certificates to trust",
  "trust.clientCertificate.certFile": "file of the certificate that the registry wants from clients",
  "trust.clientCertificate.keyFile": "file of its key",
  "trust.caUrl": "https URL of certificates to trust",
  "trust.sources": "where certificates to come are announced, see regclient-trust(1) and docs/rotation.md",
  "credentials.username": "user to log in as",
  "credentials.vault": "where the password is kept",
  "credentials.realms": "other hosts that may be given the login, for token servers",
  "credentials.groups": "groups whose members the daemon gives the login to",
  "credentials.users": "logins whose Docker configuration gets the credential helper",
  "credentials.dockerConfig": "whether Docker configurations get it at all",
  runtimes: "container runtimes to set up",
  "verify.mode": "how far a verification goes",
  "verify.repository": "the repository that it uses",
};

interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: string | number;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** regclient.yaml(5), from the schema that declarations are checked with. */
export function describeDeclarationFile(day: string): ManualPage {
  const schema = z.toJSONSchema(declarationSchema, { io: "input", unrepresentable: "any" }) as Schema;
  return renderPage("regclient.yaml", 5, {
    what: "what a host is to look like for a private registry",
    day,
    sections: [
      { heading: "SYNOPSIS", body: bold(`${DECLARATIONS}/NAME.yaml`) },
      {
        heading: "DESCRIPTION",
        body: paragraphs(
          "One file a registry, in YAML. regclient enroll writes it, and keeps comments and order of what stands there already; regclient reconcile and the daemon carry it out. A key that is not named here is an error, which names file, line and key.",
        ),
      },
      { heading: "KEYS", body: listKeys(schema, "").join("\n") },
      { heading: "EXAMPLES", body: verbatim(EXAMPLE) },
      seeAlso(["regclient", "regclient-enroll", "regclient-reconcile"]),
    ],
  });
}

const EXAMPLE = [
  "version: 1",
  "registry: devregistry",
  "address: 10.10.62.103",
  "trust:",
  "  fingerprints: [sha256:...]",
  "credentials:",
  "  username: xl",
];

function listKeys(schema: Schema, prefix: string): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
    inner.properties === undefined ? [describeKey(`${prefix}${key}`, inner)] : listKeys(inner, `${prefix}${key}.`),
  );
}

function describeKey(key: string, schema: Schema): string {
  const meaning = MEANING[key];
  if (meaning === undefined) throw new Error(`man-declaration.ts does not say what ${key} means`);
  const values = (schema.items?.enum ?? schema.enum)?.join(", ");
  const standard =
    schema.default === undefined ? "" : ` [default: ${JSON.stringify(schema.default).replaceAll('"', "")}]`;
  const type = schema.const === undefined ? (schema.type ?? "string") : String(schema.const);
  return `.TP\n${bold(key)} (${italic(type)})\n${escapeText(`${meaning}${values === undefined ? "" : `; one of ${values}`}${standard}`)}`;
}
