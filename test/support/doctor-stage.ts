import type { Socket } from "node:net";
import { onTestFinished } from "vitest";
import { startEmbeddedRegistry, type EmbeddedRegistryOptions } from "../../scripts/embedded-registry/server.ts";
import { runCommand, type Ran } from "./command-line.ts";
import type { FakeHostOptions } from "./fake-host.ts";
import { makeCA, makeLeaf, type CertificateRequest } from "./pki.ts";
import { answer, startTcp, startTls, type Respond } from "./raw-server.ts";
import { makeScratchRoot } from "./scratch-root.ts";
import type { KeyPair } from "./self-signed.ts";

/** A host with files, in front of a server; what `doctor` is to be run on. */
export interface Stage {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: Omit<FakeHostOptions, "root">;
}

/** What `doctor --output json` says, as far as the tests look at it. */
export interface Said {
  readonly exit: number;
  readonly ok: boolean;
  readonly host: readonly SaidCheck[];
  readonly registries: readonly {
    readonly registry: string;
    readonly enrolled: boolean;
    readonly checks: readonly SaidCheck[];
  }[];
  readonly problems: readonly { readonly code: string; readonly documentation: string }[];
}

/** One check. */
export interface SaidCheck {
  readonly layer: string;
  readonly name: string;
  readonly status: "ok" | "warning" | "failure" | "skipped";
  readonly detail: string;
  readonly problem?: { readonly code: string; readonly evidence: readonly string[]; readonly fix: readonly string[] };
}

const ca = makeCA({ commonName: "Test CA", notAfter: Date.now() + 1000 * 86_400_000, key: "ec" });
/** The CA that issues what the servers of the stage show, PEM. */
export const caPem = ca.certificate.pem;
/** The same in DER. */
export const caDer = Buffer.from(ca.certificate.der).toString("latin1");
export const okAnswer = answer(
  "200 OK",
  ["Docker-Distribution-Api-Version: registry/2.0", "Content-Type: application/json"],
  "{}",
);
export const day = 86_400_000;

/** A key and a certificate for 127.0.0.1, issued by the CA unless the request says otherwise. */
export function makePair(request: CertificateRequest = {}): KeyPair {
  const leaf = makeLeaf({
    commonName: "reg",
    ip: ["127.0.0.1"],
    issuer: ca,
    key: "ec",
    notAfter: Date.now() + 300 * day,
    ...request,
  });
  return { cert: leaf.certificate.pem, key: leaf.keyPem };
}

/** Where Docker looks for the CA of `name`, with it. */
export function trusting(name: string, pem = caPem): Readonly<Record<string, string>> {
  return { [`/etc/docker/certs.d/${name}/ca.crt`]: pem };
}

/** A whole registry on 127.0.0.1, and its name. */
export async function startRegistry(options: Partial<EmbeddedRegistryOptions> = {}): Promise<string> {
  const registry = await startEmbeddedRegistry({
    host: "127.0.0.1",
    port: 0,
    deleteEnabled: true,
    tls: makePair(),
    auth: "none",
    ...options,
  });
  onTestFinished(() => registry.close());
  return `127.0.0.1:${registry.port}`;
}

/** A server that answers every request as said. */
export async function startAnswering(respond: Respond | string, pair = makePair()): Promise<string> {
  const handle: Respond = typeof respond === "string" ? (socket) => void socket.end(respond) : respond;
  const server = await startTls(pair, handle);
  onTestFinished(() => server.close());
  return `127.0.0.1:${server.port}`;
}

/** A server that speaks no TLS. */
export async function startPlain(greet: (socket: Socket) => void): Promise<string> {
  const server = await startTcp(greet);
  onTestFinished(() => server.close());
  return `127.0.0.1:${server.port}`;
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function findClosedPort(): Promise<string> {
  const server = await startTcp(() => undefined);
  await server.close();
  return `127.0.0.1:${server.port}`;
}

/** Runs `doctor NAME --output json` on the stage. */
export async function askDoctor(
  { name, files = {}, options = {} }: Stage,
  root = makeScratchRoot(files),
): Promise<Said> {
  return readSaid(await runCommand(["doctor", name, "--output", "json"], { root, ...options }));
}

/** What was printed. */
export function readSaid({ out }: Ran): Said {
  return JSON.parse(out) as Said;
}

/** `code` of every failure and warning, in order, with `!` before warnings. */
export function codesIn({ host, registries }: Said): readonly string[] {
  const checks = [...host, ...registries.flatMap((each) => each.checks)];
  return checks.flatMap(({ status, problem }) =>
    problem === undefined ? [] : [`${status === "warning" ? "!" : ""}${problem.code}`],
  );
}
