import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Lab } from "../../test/lab/lab.ts";
import { readChildren } from "../../test/lab/support/command.ts";

/** One answered request, as nginx logs it. */
export interface Served {
  readonly connection: string;
  readonly isResumed: boolean;
  readonly status: number;
  readonly bytes: number;
  /** From the first byte of the request to the last of the answer: the handshake is not in it. */
  readonly ms: number;
}

/** What the server has come to so far. */
export interface Look {
  readonly cpuMs: number;
  readonly wireBytes: number;
  readonly log: readonly Served[];
}

/** An nginx with one worker on the lab's registry host, which serves the trust file. */
export interface WebServer {
  /** PEM. */
  readonly certificate: string;
  look(): Look;
  stop(): Promise<void>;
}

/** How the server proves its name. */
export type KeyKind = "P-256" | "RSA-2048";

const FOLDER = "/tmp/fleet";
// getconf CLK_TCK, the same on every Linux that Node runs on
const TICK_MS = 10;
const newKey = {
  "P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
  "RSA-2048": ["-newkey", "rsa:2048"],
} as const;

/** Starts it. The trust file holds `announced` certificates. */
export async function startWebServer(lab: Lab, kind: KeyKind, announced: number): Promise<WebServer> {
  const { registry } = lab;
  const must = async (argv: readonly string[]): Promise<void> => {
    const { code, stderr } = await registry.run(argv);
    if (code !== 0) throw new Error(`${argv[0]}: ${stderr}`);
  };
  await must(["mkdir", "-p", FOLDER]);
  const subject = ["-subj", "/CN=devregistry", "-addext", "subjectAltName=DNS:devregistry", "-days", "30", "-nodes"];
  const files = ["-keyout", `${FOLDER}/key.pem`, "-out", `${FOLDER}/cert.pem`];
  await must(["openssl", "req", "-x509", ...newKey[kind], ...subject, ...files]);
  const certificate = readFileSync(registry.path(`${FOLDER}/cert.pem`), "utf8");
  writeFileSync(registry.path(`${FOLDER}/trust.pem`), certificate.repeat(announced));
  writeFileSync(registry.path(`${FOLDER}/access.log`), "");
  writeFileSync(registry.path(`${FOLDER}/nginx.conf`), CONFIGURATION);
  const running = await registry.start(["nginx", "-c", `${FOLDER}/nginx.conf`]);
  const processes = (): readonly number[] => [running.pid, ...readChildren(running.pid)];
  while (processes().length < 2) await wait(50);
  return {
    certificate,
    look: () => ({
      cpuMs: processes().reduce((sum, pid) => sum + cpuOf(pid), 0),
      wireBytes: wireBytesOf(registry.holderPid),
      log: readFileSync(registry.path(`${FOLDER}/access.log`), "utf8")
        .trim()
        .split("\n")
        .flatMap(readLine),
    }),
    stop: async () => void (await running.stop("SIGQUIT")),
  };
}

const CONFIGURATION = `daemon off;
worker_processes 1;
pid ${FOLDER}/nginx.pid;
error_log ${FOLDER}/error.log;
events { worker_connections 4096; }
http {
  log_format counted '$connection $ssl_session_reused $status $bytes_sent $request_time';
  access_log ${FOLDER}/access.log counted;
  ssl_session_cache shared:fleet:10m;
  server {
    listen 443 ssl backlog=4096;
    ssl_certificate ${FOLDER}/cert.pem;
    ssl_certificate_key ${FOLDER}/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    location = /.well-known/regclient/trust.pem {
      default_type application/x-pem-file;
      alias ${FOLDER}/trust.pem;
    }
  }
}
`;

function readLine(line: string): readonly Served[] {
  const [connection = "", reused, status, bytes, seconds] = line.split(" ");
  const isResumed = reused === "r";
  const numbers = { status: Number(status), bytes: Number(bytes), ms: Number(seconds) * 1000 };
  return line === "" ? [] : [{ connection, isResumed, ...numbers }];
}

/** proc(5): user and system time. */
function cpuOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 13).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
}

/** /proc/net/dev of the host: received and sent over its one wire. */
function wireBytesOf(pid: number): number {
  const line = /^\s*eth0:(.*)$/m.exec(readFileSync(`/proc/${pid}/net/dev`, "utf8"))?.[1] ?? "";
  const numbers = line.trim().split(/\s+/).map(Number);
  return (numbers[0] ?? 0) + (numbers[8] ?? 0);
}
