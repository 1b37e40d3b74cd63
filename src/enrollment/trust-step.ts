import { problem } from "../findings/problem.ts";
import type { Entry, ReadFiles } from "../host/ports.ts";
import { readBody } from "../registry/body.ts";
import { connectTrusting, observeServed, type Route } from "../registry/connection.ts";
import { failure, success, type Result } from "../result.ts";
import { readCertificates } from "../trust/bundle.ts";
import type { Certificate } from "../trust/certificate.ts";
import {
  decideFirstContact,
  type SuppliedCertificates,
  type TrustEvidence,
  type TrustVerdict,
} from "../trust/first-contact.ts";
import { parseFingerprint, showFingerprint, type Pin } from "../trust/fingerprint.ts";
import { readSystemStore } from "../trust/system-store.ts";
import type { Declaration } from "./declaration.ts";
import { parseAnchors } from "./anchors.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
import type { Anchor, RegistryState } from "./state.ts";

const LARGEST_BUNDLE = 1024 * 1024;

/** What the host will trust for a registry. */
export interface Trust {
  readonly served: readonly Certificate[];
  /** To be installed; empty when the system's CAs vouch for the registry. */
  readonly anchors: readonly Anchor[];
  /** What connections are verified against, as Docker would. */
  readonly roots: readonly Certificate[];
}

/** Looks at what the registry serves and decides whether it is to be trusted, on whose word. */
export async function establishTrust(
  pass: Pass,
  request: EnrollRequest,
  route: Route,
  declaration: Declaration,
  state: RegistryState | undefined,
): Promise<Result<Trust>> {
  const { host } = pass;
  const held = parseAnchors(state?.anchors ?? []);
  const supplied = await readSupplied(pass, request, declaration);
  if (!supplied.ok) return supplied;
  pass.watch.begin(`reading the certificate of ${route.name.authority}`);
  const served = await observeServed(host, route);
  if (!served.ok) return served;
  const isNeeded = supplied.value === undefined && declaration.trust.fingerprints.length === 0 && held.length === 0;
  const system = isNeeded ? await readSystemStore(host.files) : [];
  const verdict = decideFirstContact({
    name: route.name,
    authority: route.name.key,
    served: served.value,
    held,
    pins: declaration.trust.fingerprints.flatMap(toPin),
    supplied: supplied.value,
    system: () => system,
    firstUse: request.firstUse,
    now: host.clock.now(),
  } satisfies TrustEvidence);
  return carryOut(pass, request, verdict, { served: served.value, held, system, state });
}

interface Seen {
  readonly served: readonly Certificate[];
  readonly held: readonly Certificate[];
  readonly system: readonly Certificate[];
  readonly state: RegistryState | undefined;
}

async function carryOut(pass: Pass, request: EnrollRequest, verdict: TrustVerdict, seen: Seen): Promise<Result<Trust>> {
  const { served, held, system, state } = seen;
  switch (verdict.kind) {
    case "held":
      return success({ served, anchors: state?.anchors ?? [], roots: held });
    case "system":
      pass.watch.note("the system's own CAs vouch for the registry, so no certificate is installed");
      return success({ served, anchors: [], roots: system });
    case "refused":
      return failure(verdict.problem);
    case "trusted": {
      const anchors = verdict.anchors.map((each) => toAnchor(pass, each, verdict.reason, verdict.evidence));
      return success({ served, anchors, roots: verdict.anchors });
    }
    case "ask": {
      const confirmed = await request.confirm?.(verdict.candidates);
      if (confirmed === undefined) return failure(verdict.refusal);
      const anchor = toAnchor(pass, confirmed, "confirmed", "compared at a terminal");
      return success({ served, anchors: [anchor], roots: [confirmed] });
    }
  }
}

function toAnchor(pass: Pass, certificate: Certificate, reason: Anchor["reason"], evidence: string): Anchor {
  const { clock, caller } = pass.host;
  const since = new Date(clock.now()).toISOString();
  return { fingerprint: showFingerprint(certificate), pem: certificate.pem, reason, evidence, since, by: caller.login };
}

function toPin(text: string): readonly Pin[] {
  const pin = parseFingerprint(text);
  return pin.ok ? [pin.value] : [];
}

/** What the command line names comes before what is declared. */
async function readSupplied(
  pass: Pass,
  request: EnrollRequest,
  declaration: Declaration,
): Promise<Result<SuppliedCertificates | undefined>> {
  if (request.supplied !== undefined) return success(request.supplied);
  const { caFile, caUrl } = declaration.trust;
  const url = request.caUrl ?? caUrl;
  if (request.caUrl === undefined && caFile !== undefined) return readCaFile(pass.host.files, caFile);
  return url === undefined ? success(undefined) : fetchCaUrl(pass, url);
}

/** The certificates in a file of the host (or of this process, with `files` made for `/`). */
export async function readCaFile(files: ReadFiles, path: string): Promise<Result<SuppliedCertificates>> {
  const entry = await files.readEntry(await files.resolveLinks(path), LARGEST_BUNDLE);
  if (entry.kind !== "file") return failure(problem("RC-CFG-006", { path, reason: whyNotFile(entry) }, [path]));
  const read = readCertificates(entry.bytes, path);
  return read.ok ? success({ origin: path, reason: "ca-file", certificates: read.value }) : read;
}

function whyNotFile(entry: Entry): string {
  if (entry.kind === "unreadable") return entry.reason;
  return entry.kind === "absent" ? "there is no such file" : `it is a ${entry.kind}`;
}

/** The URL's own server must be one that the system's CAs vouch for: its certificate is the root of what follows. */
async function fetchCaUrl(pass: Pass, text: string): Promise<Result<SuppliedCertificates>> {
  const url = new URL(text);
  pass.watch.begin(`fetching ${url.href}`);
  const roots = await readSystemStore(pass.host.files);
  const http = connectTrusting(pass.host, undefined, roots);
  try {
    const response = await http.request({ method: "GET", url });
    if (!response.ok) return response;
    if (response.value.status !== 200) {
      const reason = `the server answered ${response.value.status}`;
      return failure(problem("RC-TRU-015", { url: url.href, reason }, [reason]));
    }
    const body = await readBody(response.value, LARGEST_BUNDLE);
    if (!body.ok) return body;
    const read = readCertificates(body.value, url.href);
    return read.ok ? success({ origin: url.href, reason: "ca-url", certificates: read.value }) : read;
  } finally {
    http.close();
  }
}
