import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startEmbeddedRegistry, type EmbeddedRegistry, type EmbeddedRegistryOptions } from "./server.ts";

const USAGE = `usage: node scripts/embedded-registry/main.ts --listen ADDRESS:PORT [--cert FILE --key FILE]
         [--users FILE] [--auth none|basic|bearer] [--no-delete] [--read-only]

Runs a registry in memory until it is told to stop; SIGHUP reads the certificate again. The users file has one
USER:PASSWORD a line; the password is plain, or bcrypt as "htpasswd -B" writes it.
`;

const options = {
  listen: { type: "string" },
  cert: { type: "string" },
  key: { type: "string" },
  users: { type: "string" },
  auth: { type: "string" },
  "no-delete": { type: "boolean" },
  "read-only": { type: "boolean" },
} as const;

await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const settings = readSettings(argv);
  if (settings === undefined) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const registry = await startEmbeddedRegistry(settings.start);
  process.stdout.write(`embedded registry on ${registry.url}\n`);
  process.on("SIGHUP", () => reload(registry, settings.readTls));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void registry.close());
}

interface Settings {
  readonly start: EmbeddedRegistryOptions;
  readonly readTls: () => EmbeddedRegistryOptions["tls"];
}

function readSettings(argv: readonly string[]): Settings | undefined {
  const { values } = parseArgs({ args: [...argv], options });
  const listen = /^\[?([^\]]+?)\]?:(\d+)$/.exec(values.listen ?? "");
  const { cert, key, users } = values;
  const auth = values.auth ?? (users === undefined ? "none" : "basic");
  if (listen === null || (cert === undefined) !== (key === undefined) || !isAuth(auth)) return undefined;
  const readTls = (): EmbeddedRegistryOptions["tls"] =>
    cert === undefined || key === undefined ? undefined : { cert: read(cert), key: read(key) };
  const tls = readTls();
  const start = {
    host: listen[1] ?? "",
    port: Number(listen[2]),
    auth,
    ...(tls === undefined ? {} : { tls }),
    users: users === undefined ? {} : readUsers(read(users)),
    deleteEnabled: values["no-delete"] !== true,
    readOnly: values["read-only"] === true,
  };
  return { start, readTls };
}

function reload(registry: EmbeddedRegistry, readTls: Settings["readTls"]): void {
  const tls = readTls();
  if (tls !== undefined) registry.replaceCertificate(tls);
}

function readUsers(text: string): Readonly<Record<string, string>> {
  const lines = text.split("\n").filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trimEnd()]),
  );
}

function isAuth(text: string): text is EmbeddedRegistryOptions["auth"] {
  return text === "none" || text === "basic" || text === "bearer";
}

function read(path: string): string {
  return readFileSync(path, "utf8");
}
