import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { reveal } from "../credentials/secret.ts";
import { problem, type Problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { isIP, isIPv6 } from "../address.ts";
import { explainTcpFailures, explainTlsFailure, type TcpFailure } from "./network-errors.ts";
import type { ClientCertificate } from "./client-certificate.ts";
import { probePlainText } from "./plain-probe.ts";

/** Where names lead, and what is trusted there. */
export interface DialOptions {
  /** The IP addresses to dial for a host, best first. */
  readonly connectTo: (host: string, port: number, signal: AbortSignal) => Promise<Result<readonly string[]>>;
  /** PEM certificates; nothing else is trusted. */
  readonly trust: { readonly ca: readonly string[] };
  /** What is shown to a server that asks its clients for a certificate; asked for by host. */
  readonly clientFor?: (host: string) => ClientCertificate | undefined;
  /** A second verdict on the chain the server sent, leaf first. Its Problem is preferred to Node's. */
  readonly judge?: (peerChain: readonly Uint8Array[], host: string) => Problem | undefined;
}

/** Host without brackets. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

// what crypto/tls of Go 1.24 offers: what Docker, podman and containerd cannot speak must not pass here either
const GO_CIPHERS = [
  "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
  ...["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES128-SHA", "AES256-SHA"].flatMap((cipher) => [
    `ECDHE-ECDSA-${cipher}`,
    `ECDHE-RSA-${cipher}`,
  ]),
].join(":");

/**
 * Connects to `target`, its addresses in turn, and does the TLS handshake (1.2 at least; SNI unless it is an IP address,
 * RFC 6066 section 3), all within `connectMs` milliseconds. The socket given back is verified, and nothing was sent on it.
 */
export async function dial(
  target: Target,
  options: DialOptions,
  connectMs: number,
  signal: AbortSignal,
): Promise<Result<TLSSocket>> {
  const limit = AbortSignal.timeout(connectMs);
  const deadline = performance.now() + connectMs;
  const addresses = await lookUp(target, options, AbortSignal.any([signal, limit]));
  if (!addresses.ok) return addresses;
  const tcp = await tryInTurn(target, addresses.value, deadline, signal);
  if (!tcp.ok) return tcp;
  return startTls(target, tcp.value, options, { limit, caller: signal });
}

/** A resolver that does not heed the signal is left behind. */
async function lookUp(
  { host, port }: Target,
  options: DialOptions,
  signal: AbortSignal,
): Promise<Result<readonly string[]>> {
  const ended = Promise.withResolvers<Result<readonly string[]>>();
  const end = (): void => ended.resolve(failure(problem("RC-NET-018", { host })));
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  const found = await Promise.race([options.connectTo(host, port, signal), ended.promise]);
  signal.removeEventListener("abort", end);
  return found;
}

async function tryInTurn(
  target: Target,
  addresses: readonly string[],
  deadline: number,
  signal: AbortSignal,
): Promise<Result<Socket>> {
  const failures: TcpFailure[] = [];
  for (const [index, address] of addresses.entries()) {
    // a silent address must leave time for those after it
    const share = Math.max(1, (deadline - performance.now()) / (addresses.length - index));
    const tried = await connectOne(address, target.port, Math.ceil(share), signal);
    if (!("code" in tried)) return success(tried);
    failures.push({ address, code: tried.code });
    if (signal.aborted) break;
  }
  return failure(explainTcpFailures(target, failures));
}

async function connectOne(
  address: string,
  port: number,
  ms: number,
  caller: AbortSignal,
): Promise<Socket | { readonly code: string }> {
  const socket = connectTcp({ host: address, port, noDelay: true });
  socket.on("error", () => undefined);
  try {
    await once(socket, "connect", { signal: AbortSignal.any([caller, AbortSignal.timeout(ms)]) });
    return socket;
  } catch (error) {
    socket.destroy();
    return { code: caller.aborted ? "STOPPED" : codeOf(error) };
  }
}

interface Limits {
  readonly limit: AbortSignal;
  readonly caller: AbortSignal;
}

async function startTls(target: Target, tcp: Socket, options: DialOptions, limits: Limits): Promise<Result<TLSSocket>> {
  // a socket that failed no longer knows where it led
  const address = tcp.remoteAddress ?? target.host;
  const client = options.clientFor?.(target.host);
  const socket = connectTls({
    socket: tcp,
    host: target.host,
    ...(isIP(target.host) > 0 ? {} : { servername: target.host }),
    ca: [...options.trust.ca],
    ...(client && { cert: client.chain, key: reveal(client.key) }),
    minVersion: "TLSv1.2",
    ciphers: GO_CIPHERS,
    allowPartialTrustChain: true,
    ALPNProtocols: ["http/1.1"],
    // not "accept anything": the chain is needed to say what is wrong, and verify() below refuses before any use
    rejectUnauthorized: false,
  });
  socket.on("error", () => undefined);
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.any([limits.limit, limits.caller]) });
  } catch (error) {
    socket.destroy();
    return failure(await explainHandshake(target, address, error, limits));
  }
  const refused = verify(target, socket, options);
  if (refused === undefined) return success(socket);
  socket.destroy();
  return failure(refused);
}

async function explainHandshake(target: Target, address: string, error: unknown, limits: Limits): Promise<Problem> {
  const code = limits.caller.aborted ? "STOPPED" : codeOf(error);
  // looked at only when OpenSSL says that what came is no TLS record at all
  const said = /WRONG_VERSION_NUMBER|PACKET_LENGTH|RECORD|UNEXPECTED_MESSAGE|BAD_LENGTH/.test(code)
    ? await probePlainText(address, target.port, limits.caller)
    : undefined;
  return explainTlsFailure(target, { address, code, said });
}

function verify(target: Target, socket: TLSSocket, options: DialOptions): Problem | undefined {
  const judged = options.judge?.(peerChain(socket), target.host);
  if (judged !== undefined || socket.authorized) return judged;
  const reason = String(socket.authorizationError ?? "no reason is known");
  return problem("RC-NET-010", { authority: authorityOf(target), reason });
}

function peerChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<string>();
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && !seen.has(certificate.fingerprint256) && chain.length < 16) {
    seen.add(certificate.fingerprint256);
    chain.push(new Uint8Array(certificate.raw));
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

function authorityOf({ host, port }: Target): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "UNKNOWN";
  if (error.name === "AbortError") return "ETIMEDOUT";
  return "code" in error ? String(error.code) : error.message;
}
