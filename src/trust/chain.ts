import type { Problem } from "../findings/problem.ts";
import type { Certificate } from "./certificate.ts";
import { explainFault } from "./explain.ts";
import { allowsServerAuth, findIssuingFault, findNameFault, findValidityFault, findWeakKey } from "./go-rules.ts";
import type { ChainInput, GoFault, JudgingLimits } from "./go-rules.ts";

export type { ChainInput };

/** What Go says: the chain it builds, leaf first, or its message and the finding that explains it. */
export type Verdict =
  | { readonly ok: true; readonly chain: readonly Certificate[] }
  | { readonly ok: false; readonly problem: Problem; readonly goText: string };

const MAX_SIGNATURE_CHECKS = 100;
// Go's limit for one certificate, here for the whole verdict
const MAX_COMPARISONS = 250_000;
// Go knows no limit, but no chain comes near it
const MAX_INTERMEDIATES = 100;
const MAX_RSA_BITS = 8192;

/**
 * Says what a Go TLS client (Docker, podman, containerd; Go 1.24) would say of the served chain if `anchors` were its
 * roots. Total: every input gives a verdict, in the order of checks of crypto/tls verifyServerCertificate and
 * crypto/x509 Verify. Certificate policies, and constraints on e-mail and URI names, are not judged. The work is bounded:
 * 100 intermediates are looked at, 100 signatures checked, and names compared 250,000 times with name constraints.
 */
export function judgeChain(input: ChainInput): Verdict {
  const found = verify(input);
  if (Array.isArray(found)) return { ok: true, chain: found };
  return { ok: false, problem: explainFault(found, input), goText: found.text };
}

function verify({ served, anchors, name, now }: ChainInput): Certificate[] | GoFault {
  const leaf = served[0];
  if (leaf === undefined)
    return { kind: "none-served", text: "tls: received empty certificates message", certificate: undefined };
  const limits: JudgingLimits = { now, comparisons: { left: MAX_COMPARISONS } };
  const early = findReadingFault(served) ?? findValidityFault(leaf, "leaf", [], limits) ?? findNameFault(leaf, name);
  if (early !== undefined) return early;
  // a root that Go cannot read is skipped when ca.crt is loaded
  const roots = anchors.filter(({ goRefusal }) => goRefusal === undefined);
  const chains = roots.some((root) => root.fingerprint === leaf.fingerprint)
    ? [[leaf]]
    : buildChains(leaf, { roots, intermediates: served.slice(1, 1 + MAX_INTERMEDIATES), limits });
  if (!Array.isArray(chains)) return chains;
  const chain = chains.find(allowsServerAuth);
  if (chain === undefined) {
    const text = "x509: certificate specifies an incompatible key usage";
    return { kind: "wrong-usage", text, certificate: leaf };
  }
  const weak = findWeakKey(leaf);
  return weak === undefined
    ? chain
    : { ...weak, text: `tls: invalid signature by the server certificate: ${weak.text}` };
}

function findReadingFault(served: readonly Certificate[]): GoFault | undefined {
  for (const certificate of served) {
    const { goRefusal, rsaBits } = certificate;
    if (goRefusal !== undefined)
      return { kind: "unreadable", text: `tls: failed to parse certificate from server: ${goRefusal}`, certificate };
    if ((rsaBits ?? 0) > MAX_RSA_BITS) {
      const text = `tls: server sent certificate containing RSA key larger than ${MAX_RSA_BITS} bits`;
      return { kind: "oversized-key", text, certificate };
    }
  }
  return undefined;
}

interface Pools {
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly limits: JudgingLimits;
}

/** The state of one search: Go keeps the last error it met, and the first candidate that failed to have signed. */
interface Search {
  readonly pools: Pools;
  checks: number;
}

function buildChains(leaf: Certificate, pools: Pools): Certificate[][] | GoFault {
  return extendChain([leaf], { pools, checks: 0 });
}

function extendChain(chain: readonly Certificate[], search: Search): Certificate[][] | GoFault {
  const child = chain.at(-1);
  if (child === undefined) throw new Error("a chain to extend is never empty");
  const chains: Certificate[][] = [];
  let last: GoFault | undefined;
  let hint: GoFault["hint"];
  for (const { candidate, position } of listCandidates(child, search.pools)) {
    if (isInChain(candidate, chain)) continue;
    search.checks += 1;
    if (search.checks > MAX_SIGNATURE_CHECKS) {
      last = limitFault(child);
      continue;
    }
    const unsigned = findIssuingFault(child, candidate);
    if (unsigned !== undefined) {
      hint ??= { fault: unsigned, candidate };
      continue;
    }
    const found = appendCandidate(candidate, position, chain, search);
    last = Array.isArray(found) ? undefined : found;
    if (Array.isArray(found)) chains.push(...found);
  }
  return chains.length > 0 ? chains : (last ?? unknownAuthority(child, hint));
}

function appendCandidate(
  candidate: Certificate,
  position: "root" | "intermediate",
  chain: readonly Certificate[],
  search: Search,
): Certificate[][] | GoFault {
  const fault = findValidityFault(candidate, position, chain, search.pools.limits);
  if (fault !== undefined) return fault;
  const longer = [...chain, candidate];
  return position === "root" ? [longer] : extendChain(longer, search);
}

interface Candidate {
  readonly candidate: Certificate;
  readonly position: "root" | "intermediate";
}

function listCandidates(child: Certificate, { roots, intermediates }: Pools): readonly Candidate[] {
  const parents = (pool: readonly Certificate[], position: Candidate["position"]): Candidate[] =>
    pool
      .filter((one) => one.subjectKey === child.issuerKey)
      .toSorted((one, other) => rankKeyMatch(child, one) - rankKeyMatch(child, other))
      .map((candidate) => ({ candidate, position }));
  return [...parents(roots, "root"), ...parents(intermediates, "intermediate")];
}

/** crypto/x509 findPotentialParents: equal key identifiers first, then one missing, then different ones. */
function rankKeyMatch({ authorityKeyId: wanted = "" }: Certificate, { subjectKeyId: own = "" }: Certificate): number {
  if (wanted === own) return 0;
  return wanted === "" || own === "" ? 1 : 2;
}

/** Go takes equal subject, key and SAN for the same certificate, so that cross-signed CAs do not loop. */
function isInChain(candidate: Certificate, chain: readonly Certificate[]): boolean {
  const twin = chain.filter(
    (one) => one.subjectKey === candidate.subjectKey && one.spkiFingerprint === candidate.spkiFingerprint,
  );
  return twin.some((one) => one.subjectAltNameKey === candidate.subjectAltNameKey);
}

function limitFault(certificate: Certificate): GoFault {
  const text = "x509: signature check attempts limit reached while verifying certificate chain";
  return { kind: "search-limit", text, certificate };
}

function unknownAuthority(certificate: Certificate, hint: GoFault["hint"]): GoFault {
  const text = "x509: certificate signed by unknown authority";
  if (hint === undefined) return { kind: "unknown-authority", text, certificate };
  const { fault, candidate } = hint;
  const called = candidate.commonName ?? candidate.organization ?? `serial:${decimal(candidate.serial)}`;
  const because = `(possibly because of ${JSON.stringify(fault.text)} while trying to verify candidate authority certificate ${JSON.stringify(called)})`;
  return { kind: "unknown-authority", text: `${text} ${because}`, certificate, hint };
}

function decimal(hex: string): string {
  return hex.startsWith("-") ? `-${BigInt(`0x${hex.slice(1)}`)}` : `${BigInt(`0x${hex}`)}`;
}
