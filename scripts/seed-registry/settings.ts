import { isIP } from "node:net";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { done, misused, type Outcome } from "./fault.ts";
import type { Layout } from "./layout.ts";
import { writeFileAtomically } from "./files.ts";

const port = z.int().min(1).max(65535);
const address = z.string().refine((text) => isIP(text) > 0, "not an IP address");
const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";

const schema = z.strictObject({
  /** Name of the host: certificate subject and first subjectAltName. RFC 5280 allows 64 characters in a common name. */
  alias: z
    .string()
    .max(64)
    .regex(new RegExp(`^${label}(?:\\.${label})*$`), "not a lowercase host name"),
  /** IP addresses in the certificate; the first is the one told to clients. */
  addresses: z.array(address),
  /** The address nginx listens on; null: all. */
  listen: address.nullable(),
  httpsPort: port,
  registryPort: port,
  /** Whether port 5000, which asks for no password, is open to others. */
  exposeRegistry: z.boolean(),
  allowDelete: z.boolean(),
  /** Lifetime of the next certificate. */
  days: z.int().min(1).max(3650),
  engine: z.enum(["debian", "docker"]),
  /** The registry's http.secret: signs the state of uploads. */
  httpSecret: z.string().min(32),
});

/** How one instance is set up; kept in its data folder, so that only `up` needs the options. */
export type Settings = Readonly<z.infer<typeof schema>>;

/** Checks what the command line made of the settings. */
export function checkSettings(candidate: Settings): Outcome<Settings> {
  const parsed = schema.safeParse(candidate);
  return parsed.success ? done(parsed.data) : misused(explain(parsed.error));
}

/** The kept settings; undefined when the instance was never up. */
export function readSettings(layout: Layout): Outcome<Settings | undefined> {
  let text: string;
  try {
    text = readFileSync(layout.settings, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return done(undefined);
    throw error;
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return done(parsed.data);
  return misused(`${layout.settings}: ${explain(parsed.error)}`, ["mend the file, or start over with down --purge"]);
}

/** Keeps `settings` for the commands to come. */
export function writeSettings(layout: Layout, settings: Settings): void {
  writeFileAtomically(layout.settings, `${JSON.stringify(settings, undefined, 2)}\n`, { mode: 0o600 });
}

/** The registry as clients name it: no port when it is 443. */
export function registryName(settings: Settings): string {
  return settings.httpsPort === 443 ? settings.alias : `${settings.alias}:${settings.httpsPort}`;
}

function explain(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
