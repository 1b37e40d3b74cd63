import { reveal, secret, type Secret } from "./secret.ts";

/** Where the daemon answers. */
export const CREDENTIAL_SOCKET = "/run/regclient/credentials.sock";

/** Most bytes of a request and of an answer, the line end included. */
export const socketLimits = { requestBytes: 4096, answerBytes: 1024 * 1024 } as const;

/** Why there is no login in an answer. */
export type SocketError = "not-found" | "not-allowed" | "unavailable";

/** What the daemon says to one request. */
export type Answer =
  | { readonly kind: "login"; readonly username: string; readonly secret: Secret }
  | { readonly kind: "error"; readonly error: SocketError; readonly reason: string };

/** The line that asks for the login of a server, named as Docker names it; undefined when it would be too long. */
export function renderRequest(server: string): string | undefined {
  const line = `${JSON.stringify({ version: 1, get: server })}\n`;
  return Buffer.byteLength(line) <= socketLimits.requestBytes ? line : undefined;
}

/** The server a request asks for; undefined when the bytes are no request. Never throws. */
export function parseRequest(bytes: Uint8Array): string | undefined {
  const request = parseLine(bytes, socketLimits.requestBytes);
  const server = request?.["get"];
  return typeof server === "string" && isExactly(request, ["version", "get"]) ? server : undefined;
}

/** The line that answers. A login that is too long for a line becomes an error. */
export function renderAnswer(answer: Answer): Buffer {
  const bytes = Buffer.from(`${JSON.stringify({ version: 1, ...bodyOf(answer) })}\n`);
  if (bytes.length <= socketLimits.answerBytes) return bytes;
  bytes.fill(0);
  return renderAnswer({ kind: "error", error: "unavailable", reason: "the answer is longer than 1 MiB" });
}

/** What an answer says; undefined when the bytes are no answer. Never throws. */
export function parseAnswer(bytes: Uint8Array): Answer | undefined {
  const answer = parseLine(bytes, socketLimits.answerBytes);
  if (answer === undefined) return undefined;
  const { username, secret: text, error, reason } = answer;
  if (typeof username === "string" && typeof text === "string" && isExactly(answer, ["version", "username", "secret"]))
    return { kind: "login", username, secret: secret(text) };
  if (isSocketError(error) && typeof reason === "string" && isExactly(answer, ["version", "error", "reason"]))
    return { kind: "error", error, reason };
  return undefined;
}

function bodyOf(answer: Answer): object {
  if (answer.kind === "login") return { username: answer.username, secret: reveal(answer.secret) };
  return { error: answer.error, reason: answer.reason.slice(0, 1000) };
}

interface Line {
  readonly version?: unknown;
  readonly get?: unknown;
  readonly username?: unknown;
  readonly secret?: unknown;
  readonly error?: unknown;
  readonly reason?: unknown;
}

/** One JSON object of version 1, ended by the only line feed. */
function parseLine(bytes: Uint8Array, most: number): Line | undefined {
  if (bytes.length > most || bytes.indexOf(0x0a) !== bytes.length - 1) return undefined;
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
    if (typeof value !== "object" || value === null) return undefined;
    return (value as Line).version === 1 ? value : undefined;
  } catch {
    return undefined;
  }
}

function isExactly(line: Line | undefined, keys: readonly string[]): boolean {
  const found = Object.keys(line ?? {});
  return found.length === keys.length && keys.every((key) => found.includes(key));
}

function isSocketError(value: unknown): value is SocketError {
  return value === "not-found" || value === "not-allowed" || value === "unavailable";
}
