import { problem, type Problem } from "../findings/problem.ts";
import type { Host } from "../host/ports.ts";
import { discardBody, readBody } from "../registry/body.ts";
import { connectTrusting, type Route } from "../registry/connection.ts";
import type { Http, HttpResponse, VerifiedConnection } from "../registry/http.ts";
import { failure, type Result } from "../result.ts";
import { readCertificates } from "../trust/bundle.ts";
import type { Certificate } from "../trust/certificate.ts";
import { showFingerprint } from "../trust/fingerprint.ts";

/** How a server knows again what it has said (RFC 9110 sections 8.8.2 and 8.8.3). */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** What a source said, over a connection that is verified. */
export type SourceFetch =
  | ({
      readonly kind: "given";
      readonly certificates: readonly Certificate[];
      /** `sha256:…` of what the chain of the connection ends in. */
      readonly verifiedBy: string;
    } & Validators)
  | { readonly kind: "unchanged" }
  /** Nothing that counts. `isSilence`: the server has no such thing; `isUnverified`: nobody vouches for the server. */
  | {
      readonly kind: "failed";
      readonly problem: Problem;
      readonly isSilence: boolean;
      readonly isUnverified: boolean;
    };

/** Where to read, and what may verify the connection. */
export interface SourceRequest {
  readonly url: string;
  readonly route: Route;
  readonly roots: readonly Certificate[];
  /** Of the answer that is known already; undefined: none is, or the whole is wanted. */
  readonly known: Validators | undefined;
  /** One that `roots` verified already, to be used and ended here. */
  readonly connection?: VerifiedConnection | undefined;
  /** Milliseconds for each exchange; a connection has ten seconds of its own. */
  readonly limitMs: number;
}

const LARGEST_BUNDLE = 1024 * 1024;
const LONGEST_VALIDATOR = 256;
const MOST_CERTIFICATES = 32;
const MOST_REDIRECTS = 3;
const ACCEPT = "application/x-pem-file, application/pem-certificate-chain, application/pkcs7-mime, */*;q=0.5";

/**
 * Reads a trust source by a GET without any login, conditional where the answer is known (RFC 9110 section 13): at most
 * 1 MiB and 32 certificates, in whatever format. What it is decides, not what its Content-Type says. Redirects are
 * followed on the same host and port only. 404 and 410 mean that nothing is announced.
 */
export async function fetchSource(host: Host, request: SourceRequest): Promise<SourceFetch> {
  let verifiedBy = "";
  const http = connectTrusting(host, request.route, request.roots, (chain) => {
    const root = chain.at(-1);
    if (root !== undefined) verifiedBy = showFingerprint(root);
  });
  if (request.connection !== undefined) http.adopt(request.connection);
  try {
    const answered = await ask(http, request, new URL(request.url));
    if (!answered.ok) return fail(answered.problem, verifiedBy === "");
    return await readAnswer(answered.value, request, verifiedBy);
  } finally {
    http.close();
  }
}

async function ask(http: Http, request: SourceRequest, first: URL): Promise<Result<HttpResponse>> {
  let url = first;
  for (let hops = 0; ; hops += 1) {
    const answered = await http.request({ method: "GET", url, headers: headersFor(request), totalMs: request.limitMs });
    if (!answered.ok || !isRedirect(answered.value.status)) return answered;
    await discardBody(answered.value);
    const location = answered.value.header("location") ?? "";
    const next = URL.parse(location, url);
    const isSame = next?.origin === first.origin && hops < MOST_REDIRECTS;
    if (!isSame) return failure(problem("RC-TRU-034", { source: request.url, location: next?.href ?? location }));
    url = next;
  }
}

function headersFor({ known }: SourceRequest): Readonly<Record<string, string>> {
  return {
    Accept: ACCEPT,
    ...(known?.etag !== undefined && { "If-None-Match": known.etag }),
    // RFC 9110 section 13.1.3: not heeded beside If-None-Match
    ...(known?.etag === undefined && known?.lastModified !== undefined && { "If-Modified-Since": known.lastModified }),
  };
}

async function readAnswer(response: HttpResponse, request: SourceRequest, verifiedBy: string): Promise<SourceFetch> {
  const { status } = response;
  if (status !== 200) await discardBody(response);
  if (status === 404 || status === 410) return { kind: "given", certificates: [], verifiedBy };
  if (status === 304 && request.known !== undefined) return { kind: "unchanged" };
  // Vault answers 204 where no CA is configured, and where its own storage failed: no reason to forget anything
  if (status !== 200) return fail(refuse(request.url, `the server answered ${status}`), false, status < 500);
  const body = await readBody(response, LARGEST_BUNDLE);
  if (!body.ok) return fail(body.problem, false);
  const read = readBundle(body.value, request.url);
  if (!read.ok) return fail(read.problem, false, ["RC-TLS-031", "RC-TLS-033"].includes(read.problem.code));
  const etag = readEntityTag(response.header("etag"));
  const lastModified = readValidator(response.header("last-modified"));
  return { kind: "given", certificates: read.value, verifiedBy, etag, lastModified };
}

function readBundle(bytes: Uint8Array, source: string): Result<readonly Certificate[]> {
  const read = readCertificates(bytes, source);
  if (!read.ok || read.value.length <= MOST_CERTIFICATES) return read;
  const facts = { source, count: String(read.value.length), limit: String(MOST_CERTIFICATES) };
  return failure(problem("RC-TRU-035", facts));
}

/** RFC 9110 section 8.8.3: one entity-tag. `*` or a list, sent back, would stand for every answer to come. */
function readEntityTag(text: string | undefined): string | undefined {
  const validator = readValidator(text);
  return validator !== undefined && /^(?:W\/)?"[^" ]*"$/.test(validator) ? validator : undefined;
}

/** Sent back as it came, so only what is no risk in a header and in the records. */
function readValidator(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= LONGEST_VALIDATOR && /^[\u0020-\u007e]+$/.test(text) ? text : undefined;
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function refuse(source: string, reason: string): Problem {
  return problem("RC-TRU-033", { source, reason }, [reason]);
}

function fail(problem: Problem, isConnecting: boolean, isSilence = false): SourceFetch {
  const isUnverified = isConnecting && problem.code.startsWith("RC-TLS-");
  return { kind: "failed", problem, isSilence, isUnverified };
}
