import type { Problem } from "../findings/problem.ts";
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
import type { SourceReading } from "./source-reading.ts";
import { followSources } from "./source-record.ts";
import type { RegistryState } from "./state.ts";
import { makeAnchor, recordPending, settleTrust, type TrustContext } from "./trust-record.ts";
import type { Trust, Waiting } from "./trust-step.ts";

/** What an enrolled registry's certificate is measured by. */
export interface RotationInput extends Pick<RotationEvidence, "held" | "pins" | "nextPins" | "supplied"> {
  /** What trust sources said in this pass. */
  readonly readings: readonly SourceReading[];
  readonly uptime: number;
  /** A person's word for the certificate that waits. */
  readonly accept: Pin | undefined;
}

/** Carries trust over from what was trusted to what is served now: old and new side by side, or nothing. */
export function followRotation(given: TrustContext, input: RotationInput): Result<Trust | Waiting> {
  const followed = followSources(input.readings, { ...given, ...input, ...rememberedOf(given.state) });
  const gives = followed.flatMap(({ record }) => record?.gives ?? []);
  const context = { ...given, followed, awaited: [...given.awaited, ...gives] };
  const verdict = judgeRotation(context, input);
  switch (verdict.kind) {
    case "held":
      return success(trust(context, input.held, [], "followed"));
    case "follow":
      return success(trust(context, input.held, verdict.added, wordFor(verdict.added)));
    case "pending":
      return success({ kind: "waiting", problem: tellUnverified(verdict.problem, input), ...recordPending(context) });
    case "refused":
      return failure(verdict.problem);
  }
}

function wordFor(added: readonly Followed[]): Decision["what"] {
  return added.some(({ reason }) => reason === "accepted") ? "accepted" : "followed";
}

/** What a server says whom nobody vouches for counts for nothing, but is worth knowing. */
function tellUnverified(problem: Problem, { readings }: RotationInput): Problem {
  const unheard = readings.flatMap(({ source, outcome }) =>
    outcome.kind === "failed" && outcome.isUnverified
      ? [`trust source ${source.kind} ${source.location}: its connection is not verified, so it was not asked`]
      : [],
  );
  return { ...problem, evidence: [...problem.evidence, ...unheard] };
}

function judgeRotation(
  context: TrustContext & Required<Pick<TrustContext, "followed">>,
  { accept, ...input }: RotationInput,
): RotationVerdict {
  const { name, registry, served, state, now, by, followed } = context;
  const announced = followed.flatMap((each) => each.announced);
  const evidence = { ...input, announced, name, authority: registry, served, now, ...rememberedOf(state) };
  return accept === undefined ? decideRotation(evidence) : decideAcceptance(evidence, accept, by);
}

/** What a person has turned down, and what was trusted once, as the decision takes it. */
export function rememberedOf(state: RegistryState | undefined): Pick<RotationEvidence, "rejected" | "retired"> {
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
