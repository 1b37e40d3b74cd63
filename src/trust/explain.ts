import type { FindingCode } from "../findings/catalogue.ts";
import { problem, type Problem } from "../findings/problem.ts";
import type { Certificate } from "./certificate.ts";
import { isSelfSigned, type ChainInput, type GoFault } from "./go-rules.ts";
import { subjectAltName } from "./hostname.ts";

const CODES: Readonly<
  Record<Exclude<GoFault["kind"], "unknown-authority" | "expired" | "not-yet-valid">, FindingCode>
> = {
  "none-served": "RC-TLS-019",
  unreadable: "RC-TLS-017",
  "oversized-key": "RC-TLS-017",
  "weak-key": "RC-TLS-015",
  "common-name": "RC-TLS-001",
  "no-address": "RC-TLS-002",
  "wrong-name": "RC-TLS-003",
  "not-a-ca": "RC-TLS-009",
  "bad-signature": "RC-TLS-008",
  "insecure-algorithm": "RC-TLS-010",
  "unsupported-algorithm": "RC-TLS-010",
  "wrong-usage": "RC-TLS-011",
  "path-length": "RC-TLS-012",
  "name-constraint": "RC-TLS-013",
  "critical-extension": "RC-TLS-014",
  "search-limit": "RC-TLS-018",
  "constraint-limit": "RC-TLS-018",
};

// the system's own CAs may be among them
const MAX_SHOWN = 5;

/** The finding for what Go said of a chain: the cause behind its words, what shows it, and what to do. */
export function explainFault(fault: GoFault, input: ChainInput): Problem {
  const { host } = input.name;
  const shown = fault.hint?.fault.certificate ?? fault.certificate;
  const facts = {
    host,
    name: input.name.key ?? host,
    san: subjectAltName(input.name),
    goText: fault.text,
    subject: shown?.subject || "(no subject)",
    issuer: fault.certificate?.issuer || "(no issuer)",
    names: shown === undefined ? "none" : listNames(shown),
    notBefore: showDate(shown?.notBefore),
    notAfter: showDate(shown?.notAfter),
    now: showDate(input.now),
    algorithm: shown?.signatureAlgorithm ?? "",
    keyType: shown?.keyType ?? "",
    extensions: shown?.unhandledCritical.join(", ") ?? "",
  };
  return problem(chooseCode(fault, input), facts, collectEvidence(fault, input));
}

function chooseCode(fault: GoFault, { served }: ChainInput): FindingCode {
  const { kind, certificate, hint } = fault;
  const isLeaf = certificate?.fingerprint === served[0]?.fingerprint;
  if (kind === "expired") return isLeaf ? "RC-TLS-004" : "RC-TLS-016";
  if (kind === "not-yet-valid") return isLeaf ? "RC-TLS-005" : "RC-TLS-016";
  if (kind !== "unknown-authority") return CODES[kind];
  // one that signed itself was replaced: what is trusted under the same name was never to have issued it
  if (certificate !== undefined && isSelfSigned(certificate)) return "RC-TLS-006";
  if (hint !== undefined && hint.fault.kind in CODES) return CODES[hint.fault.kind as keyof typeof CODES];
  return certificate !== undefined && certificate.subjectKey === certificate.issuerKey ? "RC-TLS-006" : "RC-TLS-007";
}

function collectEvidence(fault: GoFault, { served, anchors, name }: ChainInput): readonly string[] {
  const concerned = fault.hint?.candidate;
  return [
    `Go says: ${fault.text}`,
    `dialled: ${name.host}`,
    ...served.map((one, index) => `served ${index}: ${describe(one)}`),
    ...(concerned === undefined ? [] : [`candidate: ${describe(concerned)}`]),
    `trusted: ${listSubjects(anchors)}`,
  ];
}

function describe(one: Certificate): string {
  return [
    one.subject || "(no subject)",
    `issued by ${one.issuer || "(no issuer)"}`,
    `${showDate(one.notBefore)} to ${showDate(one.notAfter)}`,
    `names ${listNames(one)}`,
    `sha256:${one.fingerprint}`,
  ].join(", ");
}

function listSubjects(anchors: readonly Certificate[]): string {
  if (anchors.length === 0) return "nothing";
  const shown = anchors.slice(0, MAX_SHOWN).map(({ subject }) => subject);
  const more = anchors.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(" | ");
}

function listNames({ dnsNames, ipAddresses }: Certificate): string {
  return [...dnsNames, ...ipAddresses].join(" ") || "none";
}

function showDate(time: number | undefined): string {
  return time === undefined ? "" : new Date(time).toISOString().replace(/\.\d{3}Z$/, "Z");
}
