import type { Attributes } from "../host/ports.ts";
import { renderDecision, type Decision } from "./decisions.ts";
import { draftFile, finishDraft, startDraft, type Draft } from "./draft.ts";
import type { Plan } from "./plan.ts";
import { draftRecord } from "./plan-records.ts";
import { statePaths, type RegistryState, type SharedState, type TrustRecord } from "./state.ts";
import type { HostView } from "./view.ts";

/** Adds decisions to the end of their record; what has befallen trust by itself is told as well. */
export function draftDecisions(draft: Draft, decisions: readonly Decision[]): void {
  for (const { what, fingerprint, reason, evidence } of decisions) {
    if (what === "followed") draft.notes.push(`${fingerprint} is trusted now as well: ${reason} (${evidence})`);
    if (what === "announced") draft.notes.push(`${fingerprint} is announced to come: ${evidence}`);
    if (what === "withdrawn") draft.notes.push(`${fingerprint} is no longer announced: ${evidence}`);
    if (what === "retired") draft.notes.push(`${fingerprint} is no longer trusted: ${evidence}`);
  }
  const path = statePaths.decisions;
  const entry = draft.view.entry(path);
  if (decisions.length === 0) return;
  if (entry.kind !== "file" && entry.kind !== "absent") {
    // a record that cannot be written must not hold up trust itself
    draft.notes.push(`${path} cannot be added to, so this decision is not on record`);
    return;
  }
  const before = draft.view.file(path);
  const added = Buffer.from(decisions.map(renderDecision).join(""));
  const image = before ?? { mode: 0o644, ...draft.owner, bytes: new Uint8Array() };
  draftFile(draft, path, { ...image, bytes: Buffer.concat([image.bytes, added]) }, "records");
}

/** What is to be remembered of trust, where nothing else changes. */
export interface TrustRecordInput {
  readonly view: HostView;
  readonly state: RegistryState;
  readonly shared: SharedState;
  readonly owner: Pick<Attributes, "uid" | "gid">;
  readonly record: TrustRecord;
  readonly decisions: readonly Decision[];
}

/** The changes that remember it: regclient's own records, and nothing that any program trusts by. */
export function planTrustRecord({ view, state, shared, owner, record, decisions }: TrustRecordInput): Plan {
  const draft = startDraft(view, shared, owner);
  draftRecord(draft, { ...state, ...record });
  draftDecisions(draft, decisions);
  return { changes: finishDraft(draft, []), notes: draft.notes };
}
