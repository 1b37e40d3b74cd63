import type { FindingCode } from "../findings/catalogue.ts";
import { problem, type Problem } from "../findings/problem.ts";
import { parseJson, readEvidence } from "./body.ts";
import { parseChallenges, type Challenge } from "./challenge.ts";
import type { HttpResponse } from "./http.ts";
import type { RegistryName } from "./name.ts";

/** One entry of a registry's error answer (distribution-spec, "Error Codes"). */
export interface RegistryError {
  readonly code: string;
  readonly message: string;
  readonly detail: string;
}

/** What was being done when the registry refused. */
export interface Operation {
  readonly name: RegistryName;
  readonly action: "push" | "pull" | "delete";
  readonly repository: string;
  /** For people: `the blob sha256:…`, `the manifest latest`. */
  readonly what: string;
  /** Bytes sent. */
  readonly size?: number;
  /** Bytes of a streamed body that had been sent when the answer came. */
  readonly sent?: () => number;
  readonly hasCredentials: boolean;
}

const MOST_ERRORS = 16;
const LONGEST_TEXT = 300;

/** Reads `{"errors":[{code,message,detail}]}`, bounded; anything else gives an empty list. */
export function parseRegistryErrors(body: string): readonly RegistryError[] {
  const parsed = parseJson(body);
  const errors: unknown = typeof parsed === "object" && parsed !== null && "errors" in parsed ? parsed.errors : [];
  return (Array.isArray(errors) ? errors : []).slice(0, MOST_ERRORS).flatMap(readOne);
}

/** Reads the answer of a registry that did not do what was asked for, and says why (at most 64 KiB of it is read). */
export async function explainRefusal(operation: Operation, response: HttpResponse): Promise<Problem> {
  const body = await readEvidence(response);
  const answer: Answer = {
    status: response.status,
    errors: parseRegistryErrors(body),
    isPage: /^\s*</.test(body),
    body,
    writes: operation.action !== "pull",
    anonymous: !operation.hasCredentials,
    challenges: parseChallenges(response.header("www-authenticate")),
  };
  const code = rules.find(([applies]) => applies(answer))?.[1] ?? "RC-PSH-017";
  return problem(code, factsFor(operation, answer, response), evidenceOf(operation, answer));
}

/** How long a Retry-After header says to wait, as words (RFC 9110 section 10.2.3). */
export function readRetryAfter(value: string | undefined): string {
  if (value === undefined) return "an unknown time";
  return /^\d{1,6}$/.test(value) ? `${value} s` : `until ${value.slice(0, 40)}`;
}

/** What of a plain or HTML answer is worth showing: its title or first words. */
export function gistOf(body: string): string {
  const title = /<title>([^<]{1,200})<\/title>/i.exec(body)?.[1] ?? body;
  return title.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_TEXT);
}

interface Answer {
  readonly status: number;
  readonly errors: readonly RegistryError[];
  /** HTML, as proxies send. */
  readonly isPage: boolean;
  readonly body: string;
  readonly writes: boolean;
  readonly anonymous: boolean;
  readonly challenges: readonly Challenge[];
}

// the first that applies; causes that hide behind a general status come first
const rules: readonly (readonly [(answer: Answer) => boolean, FindingCode])[] = [
  [({ body }) => isDiskFull(body), "RC-PSH-007"],
  [({ status }) => status === 413, "RC-PSH-004"],
  // as Harbor says it, with 401 or 404
  [({ errors }) => errors.some(({ message }) => findProject(message) !== undefined), "RC-PSH-060"],
  [({ status, errors }) => status === 429 || has(errors, "TOOMANYREQUESTS"), "RC-PSH-008"],
  [({ status, body }) => status === 400 && clientCertificatePage(body) === "RC-NET-011", "RC-NET-011"],
  [({ status, body }) => status === 400 && clientCertificatePage(body) === "RC-NET-019", "RC-NET-019"],
  [({ status, anonymous }) => status === 401 && anonymous, "RC-AUT-002"],
  [({ status, challenges }) => status === 401 && challenges.some(saysInvalidToken), "RC-AUT-008"],
  [({ errors }) => has(errors, "BLOB_UPLOAD_UNKNOWN"), "RC-PSH-012"],
  [({ errors }) => has(errors, "BLOB_UPLOAD_INVALID"), "RC-PSH-013"],
  [({ errors }) => has(errors, "MANIFEST_BLOB_UNKNOWN"), "RC-PSH-015"],
  // a registry says no in JSON: with a page, a proxy does
  [({ status, isPage, writes }) => status === 403 && isPage && writes, "RC-PSH-017"],
  [({ status, errors, writes }) => isDenied(status, errors) && writes, "RC-PSH-001"],
  [({ status, errors }) => isDenied(status, errors), "RC-PSH-002"],
  [({ status, writes }) => status === 405 && writes, "RC-PSH-005"],
  [({ status, isPage }) => status === 404 && !isPage, "RC-PSH-003"],
  [({ status }) => status >= 500, "RC-PSH-006"],
  [({ errors }) => errors.length > 0, "RC-PSH-016"],
];

/** In words, or as Distribution 2 encodes what Linux said: "Err":28 is ENOSPC, 122 EDQUOT (errno-base.h, errno.h). */
function isDiskFull(body: string): boolean {
  return /no space left on device|disk quota exceeded|"Err":\s*(?:28|122)\b/i.test(body);
}

/** nginx says so with a page, as the TLS layer had let the client through. */
export function clientCertificatePage(body: string): "RC-NET-011" | "RC-NET-019" | undefined {
  if (/No required SSL certificate was sent/i.test(body)) return "RC-NET-011";
  return /The SSL certificate error/i.test(body) ? "RC-NET-019" : undefined;
}

/** The project that a registry with projects, as Harbor, does not have; undefined where it says no such thing. */
export function findProject(message: string): string | undefined {
  return /\bproject (\S{1,255}) not found\b/i.exec(message)?.[1];
}

/** What a Server header says of who answered; it names the first proxy that refused. */
function describeServer(value: string | undefined): string {
  return value === undefined || value.trim() === "" ? "a server that does not say its name" : value.trim().slice(0, 80);
}

/** RFC 6750 section 3.1: not a lack of rights, but a token that is forged, expired or for someone else. */
function saysInvalidToken({ parameters }: Challenge): boolean {
  return parameters.get("error") === "invalid_token";
}

/** As people know them: Basic, Bearer. */
function schemesOf(challenges: readonly Challenge[]): string {
  const names = challenges.map(({ scheme }) => scheme.charAt(0).toUpperCase() + scheme.slice(1));
  return [...new Set(names)].join(" or ") || "some";
}

function isDenied(status: number, errors: readonly RegistryError[]): boolean {
  return status === 401 || status === 403 || has(errors, "DENIED") || has(errors, "UNAUTHORIZED");
}

function has(errors: readonly RegistryError[], code: string): boolean {
  return errors.some((error) => error.code === code);
}

function factsFor(operation: Operation, answer: Answer, response: HttpResponse): Readonly<Record<string, string>> {
  const { name, action, repository, what, size = 0 } = operation;
  const project = answer.errors.map(({ message }) => findProject(message)).find((each) => each !== undefined);
  const first = answer.errors[0];
  const reason = first === undefined ? gistOf(answer.body) || "an empty answer" : first.message || first.code;
  return {
    authority: name.authority,
    action: `${action} ${repository}`,
    repository,
    what,
    size: String(size),
    status: String(answer.status),
    reason,
    wait: readRetryAfter(response.header("retry-after")),
    scheme: schemesOf(answer.challenges),
    server: describeServer(response.header("server")),
    project: project ?? repository,
  };
}

function evidenceOf(operation: Operation, answer: Answer): readonly string[] {
  const { errors, body, status } = answer;
  const sent = operation.sent === undefined ? "" : `, after ${operation.sent()} bytes had been sent`;
  const head = `${operation.action} of ${operation.what}: status ${status}${sent}`;
  if (errors.length === 0) return body === "" ? [head] : [head, gistOf(body)];
  return [
    head,
    ...errors.map(({ code, message, detail }) => [code, message, detail].filter((text) => text !== "").join(": ")),
  ];
}

function readOne(entry: unknown): readonly RegistryError[] {
  if (typeof entry !== "object" || entry === null) return [];
  const fields = new Map<string, unknown>(Object.entries(entry));
  const text = (key: string): string => shorten(fields.get(key));
  return [{ code: text("code").toUpperCase(), message: text("message"), detail: text("detail") }];
}

function shorten(value: unknown): string {
  if (value === undefined || value === null) return "";
  return (typeof value === "string" ? value : JSON.stringify(value)).slice(0, LONGEST_TEXT);
}
