import type { FindingCode } from "../findings/catalogue.ts";
import { problem, type Problem } from "../findings/problem.ts";
import { isIPv6 } from "../address.ts";
import type { Stop, StopReason } from "./exchange.ts";

interface Target {
  readonly host: string;
  readonly port: number;
}

/** One address that could not be connected to, and the system's error code. */
export interface TcpFailure {
  readonly address: string;
  readonly code: string;
}

/** A handshake that failed: OpenSSL's or the system's code, and what the port says in plain text, if it was asked. */
export interface TlsFailure extends TcpFailure {
  readonly said: string | undefined;
}

// in the order of what they tell: an answer of the host itself before silence
const tcpCodes: readonly (readonly [RegExp, FindingCode])[] = [
  [/^STOPPED$/, "RC-NET-016"],
  [/^ECONNREFUSED$/, "RC-NET-002"],
  [/^ECONNRESET$/, "RC-NET-015"],
  [/^ETIMEDOUT$/, "RC-NET-004"],
  [/^(?:EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT|EACCES|EPERM|EINVAL)$/, "RC-NET-003"],
  [/./, "RC-NET-017"],
];

// RFC 8446 section 6.2: a server sends these about the certificate of its client, and about nothing else
const CLIENT_REFUSED =
  /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(?:UNKNOWN|EXPIRED|REVOKED))$/;

const tlsCodes: readonly (readonly [RegExp, FindingCode])[] = [
  [/^STOPPED$/, "RC-NET-016"],
  [/^ETIMEDOUT$/, "RC-NET-005"],
  [/ALERT_CERTIFICATE_REQUIRED/, "RC-NET-011"],
  [CLIENT_REFUSED, "RC-NET-019"],
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS/, "RC-NET-008"],
  [/^(?:ECONNRESET|EPIPE|ECONNABORTED)$|UNEXPECTED_EOF/, "RC-NET-015"],
  [/./, "RC-NET-009"],
];

const httpCodes: readonly (readonly [RegExp, FindingCode])[] = [
  [/^HPE_HEADER_OVERFLOW$/, "RC-HTP-001"],
  [/^HPE_/, "RC-HTP-002"],
  [/ALERT_CERTIFICATE_REQUIRED/, "RC-NET-011"],
  [CLIENT_REFUSED, "RC-NET-019"],
  [/^(?:ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE|ERR_STREAM_DESTROYED)$/, "RC-NET-012"],
  [/^E[A-Z]+$|^ERR_SSL/, "RC-NET-017"],
];

/** The Problem for a host none of whose addresses took a connection; none at all means an unknown name. */
export function explainTcpFailures(target: Target, failures: readonly TcpFailure[]): Problem {
  if (failures.length === 0) return problem("RC-NET-001", { host: target.host });
  const [told] = failures
    .map((failed) => ({ ...failed, rank: tcpCodes.findIndex(([pattern]) => pattern.test(failed.code)) }))
    .toSorted((a, b) => a.rank - b.rank);
  if (told === undefined) throw new Error("no failure to explain");
  const evidence = failures.map(({ address, code }) => `${address} port ${target.port}: ${code}`);
  const code = tcpCodes[told.rank]?.[1] ?? "RC-NET-017";
  return problem(
    code,
    { ...factsOf(target), address: told.address, reason: told.code, request: "the connection" },
    evidence,
  );
}

/** The Problem for a TLS handshake that did not finish (RFC 8446 section 6 names the alerts). */
export function explainTlsFailure(target: Target, failed: TlsFailure): Problem {
  const facts = { ...factsOf(target), address: failed.address, reason: alertIn(failed.code), request: "the handshake" };
  const evidence = [`${failed.address} port ${target.port}: ${failed.code}`];
  if (failed.said !== undefined) {
    const code = failed.said.startsWith("HTTP/") ? "RC-NET-006" : "RC-NET-007";
    return problem(code, facts, failed.said === "" ? evidence : [...evidence, `it answers: ${failed.said}`]);
  }
  return problem(lookUp(tlsCodes, failed.code) ?? "RC-NET-009", facts, evidence);
}

/**
 * The Problem for a request that failed after the handshake. `stopped`: the limit that ended it, if one did; `phase`:
 * whether the headers had
 * come. An error that is not the network's is a bug and is thrown again.
 */
export function explainHttpError(
  request: { readonly method: string; readonly url: URL },
  error: unknown,
  stopped: Stop | undefined,
  phase: "head" | "body" = "head",
): Problem {
  const target = { host: request.url.hostname.replaceAll(/[[\]]/g, ""), port: Number(request.url.port || 443) };
  const code = codeOf(error);
  const found = stopped === undefined ? lookUp(httpCodes, code) : stopCodes[stopped.reason];
  if (found === undefined) throw error;
  const facts = {
    ...factsOf(target),
    request: `${request.method} ${request.url.pathname}`,
    reason: code,
    limit: String(stopped?.limit ?? HEADER_LIMIT),
    seconds: String((stopped?.limit ?? 0) / 1000),
    address: target.host,
  };
  return problem(found === "RC-NET-012" && phase === "body" ? "RC-HTP-004" : found, facts);
}

const HEADER_LIMIT = 16 * 1024;

const stopCodes: Readonly<Record<StopReason, FindingCode>> = {
  idle: "RC-NET-013",
  total: "RC-NET-014",
  caller: "RC-NET-016",
  size: "RC-HTP-003",
};

function lookUp(table: readonly (readonly [RegExp, FindingCode])[], code: string): FindingCode | undefined {
  return table.find(([pattern]) => pattern.test(code))?.[1];
}

function factsOf({ host, port }: Target): { readonly host: string; readonly authority: string } {
  return { host, authority: `${isIPv6(host) ? `[${host}]` : host}:${port}` };
}

/** `ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE` is the alert "handshake failure". */
function alertIn(code: string): string {
  const alert = /ALERT_(\w+)$/.exec(code)?.[1] ?? code.replace(/^ERR_(?:OS)?SSL_/, "");
  return alert.toLowerCase().replaceAll("_", " ");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** True where nothing could be said to the server: no address, no route, no port, no handshake. */
export function meansOutOfReach({ code }: Problem): boolean {
  return /^RC-NET-0(?:0[1-5]|18)$/.test(code);
}
