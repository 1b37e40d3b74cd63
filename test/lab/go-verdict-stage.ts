import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";

// Runs as the only program in a network and mount namespace of its own, over a scratch copy of /etc.

/** A row, as it is handed into the namespace. */
export interface StageRow {
  readonly title: string;
  readonly host: string;
  readonly port: number;
  readonly keyPem: string;
  readonly chainPem: string;
  /** Base64. */
  readonly caFile: string;
}

/** What the Go programs said of a row. */
export interface StageAnswer {
  readonly title: string;
  readonly docker: ClientAnswer;
  readonly skopeo: ClientAnswer;
}

export interface ClientAnswer {
  readonly accepted: boolean;
  readonly output: string;
}

const WORKERS = 3;
const run = promisify(execFile);

const [scratch] = process.argv.slice(2);
if (scratch === undefined) throw new Error("usage: go-verdict-stage.ts SCRATCH");
const rows = JSON.parse(await readFile(join(scratch, "rows.json"), "utf8")) as StageRow[];
const answers: StageAnswer[] = [];
const queue = rows.values();
await Promise.all(Array.from({ length: WORKERS }, () => work(queue, scratch)));
await writeFile(join(scratch, "answers.json"), JSON.stringify(answers));

async function work(rest: Iterable<StageRow>, directory: string): Promise<void> {
  for (const row of rest) answers.push(await ask(row, directory));
}

async function ask(row: StageRow, directory: string): Promise<StageAnswer> {
  const registry = `${row.host}:${row.port}`;
  const trust = join("/etc/docker/certs.d", registry);
  await mkdir(trust, { recursive: true });
  await writeFile(join(trust, "ca.crt"), Buffer.from(row.caFile, "base64"));
  // keys and hashes that OpenSSL would not serve today are what some rows are about
  const server = createServer({ key: row.keyPem, cert: row.chainPem, ciphers: "DEFAULT:@SECLEVEL=0" }, (_, response) =>
    response
      .writeHead(200, { "Docker-Distribution-Api-Version": "registry/2.0", "Content-Type": "application/json" })
      .end("{}"),
  );
  await new Promise<void>((resolve) => server.listen(row.port, "10.9.8.7", resolve));
  const login = ["login", "--username", "u", "--password-stdin"];
  const docker = await tell("docker", ["--config", join(directory, `docker-${row.port}`), ...login, registry]);
  const authfile = join(directory, `auth-${row.port}.json`);
  const skopeo = await tell("skopeo", [...login, "--authfile", authfile, "--cert-dir", trust, registry]);
  server.closeAllConnections();
  server.close();
  return { title: row.title, docker, skopeo };
}

async function tell(program: string, args: readonly string[]): Promise<ClientAnswer> {
  // a build may bring older defaults for these two from its go.mod; Go's own are what is asked
  const env = { ...process.env, GODEBUG: "rsa1024min=1,x509negativeserial=0" };
  const running = run(program, args, { timeout: 20_000, env });
  running.child.stdin?.end("p");
  try {
    const { stdout, stderr } = await running;
    return { accepted: true, output: stdout + stderr };
  } catch (error) {
    return { accepted: false, output: String(error instanceof Error ? error.message : error) };
  }
}
