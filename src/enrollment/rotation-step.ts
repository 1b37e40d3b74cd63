import { failure, success, type Result } from "../result.ts";
import type { Certificate } from "../trust/certificate.ts";
import type { Pin } from "../trust/fingerprint.ts";
import {
  decideAcceptance,
  decideRotation,
  type Followed,
  type RotationEvidence,
  type RotationVerdict,
} from "../trust/rotation.ts";
import { parseAnchors } from "./anchors.ts";
import type { Decision } from "./decisions.ts";
import type { RegistryState } from "./state.ts";
import { makeAnchor, recordPending, settleTrust, type TrustContext } from "./trust-record.ts";
import type { Trust, Waiting } from "./trust-step.ts";

/** What an enrolled registry's certificate is measured by. */
export interface RotationInput extends Pick<RotationEvidence, "held" | "pins" | "nextPins" | "supplied"> {
  /** A person's word for the certificate that waits. */
  readonly accept: Pin | undefined;
}

/** Carries trust over from what was trusted to what is served now: old and new side by side, or nothing. */
export function followRotation(context: TrustContext, input: RotationInput): Result<Trust | Waiting> {
  const verdict = judgeRotation(context, input);
  switch (verdict.kind) {
    case "held":
      return success(trust(context, input.held, [], "followed"));
    case "follow":
      return success(trust(context, input.held, verdict.added, wordFor(verdict.added)));
    case "pending":
      return success({ kind: "waiting", problem: verdict.problem, ...recordPending(context) });
    case "refused":
      return failure(verdict.problem);
  }
}

function wordFor(added: readonly Followed[]): Decision["what"] {
  return added.some(({ reason }) => reason === "accepted") ? "accepted" : "followed";
}

function judgeRotation(context: TrustContext, { accept, ...input }: RotationInput): RotationVerdict {
  const { name, registry, served, state, now, by } = context;
  const evidence: RotationEvidence = { ...input, name, authority: registry, served, now, ...remembered(state) };
  return accept === undefined ? decideRotation(evidence) : decideAcceptance(evidence, accept, by);
}

function remembered(state: RegistryState | undefined): Pick<RotationEvidence, "rejected" | "retired"> {
  const hex = (fingerprint: string): string => fingerprint.replace(/^sha256:/, "");
  return {
    rejected: (state?.rejected ?? []).map(({ fingerprint }) => hex(fingerprint)),
    retired: (state?.retired ?? []).map(({ fingerprint, spki }) => ({ fingerprint: hex(fingerprint), spki })),
  };
}

function trust(
  context: TrustContext,
  held: readonly Certificate[],
  added: readonly Followed[],
  what: Decision["what"],
): Trust {
  const { served, state } = context;
  const more = added.map((each) => makeAnchor(context, each.certificate, each));
  const settled = settleTrust(context, [...(state?.anchors ?? []), ...more], what);
  const roots = settled.decisions.length === 0 ? held : parseAnchors(settled.anchors);
  return { kind: "trusted", served, roots, ...settled };
}
