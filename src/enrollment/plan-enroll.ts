import { problem, type Problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { digestDeclaration } from "./declaration.ts";
import { finishDraft, startDraft } from "./draft.ts";
import { aliasConflict, draftAlias, wantsAlias } from "./plan-alias.ts";
import { draftConfigs, draftCredential } from "./plan-login.ts";
import { draftDecisions } from "./plan-decisions.ts";
import { draftDeclaration, draftRecord } from "./plan-records.ts";
import { draftEdits, draftRuntimeNotes, editConflict } from "./plan-edits.ts";
import { draftTrust, trustConflict } from "./plan-trust.ts";
import type { EnrollInput, Plan } from "./plan.ts";

/** The changes from the host as seen to the host as declared. Conflicts with what others wrote are failures. */
export function planEnrollment(input: EnrollInput): Result<Plan> {
  const draft = startDraft(input.view, input.shared, input.owner);
  const conflict = trustConflict(input) ?? editConflict(input) ?? unreadable(input) ?? aliasConflict(input);
  if (conflict !== undefined) return failure(conflict);
  const files = [draftDeclaration(draft, input), ...draftTrust(draft, input)].filter((each) => each !== undefined);
  const edits = draftEdits(draft, input);
  draftRuntimeNotes(draft, input);
  const hostsFile = draftAlias(draft, input);
  const dockerConfigs = draftConfigs(draft, input);
  const keychain = input.credential === undefined ? [] : draftCredential(draft, input.name.key, input.credential);
  const credential = input.credential?.pointer ?? input.state?.credential;
  draftRecord(draft, {
    version: 1,
    registry: input.name.key,
    enrolledAt: input.state?.enrolledAt ?? input.nowIso,
    carriedOut: digestDeclaration(input.declaration),
    anchors: [...input.anchors],
    ...input.trustRecord,
    ...(credential && { credential }),
    ...(hostsFile !== undefined && { hostsFile }),
    dockerConfigs: [...dockerConfigs],
    edits: [...edits],
    files,
  });
  draftDecisions(draft, input.decisions);
  return success({ changes: finishDraft(draft, keychain), notes: draft.notes });
}

/** A file that regclient has to add lines to, and cannot read: taken for empty, it would be lost. */
function unreadable(input: EnrollInput): Problem | undefined {
  const shared = [...(wantsAlias(input) ? [input.hostsPath] : []), ...input.configs.map((config) => config.path)];
  for (const path of shared) {
    const entry = input.view.entry(path);
    if (entry.kind === "file" || entry.kind === "absent") continue;
    const reason = entry.kind === "unreadable" ? entry.reason : `it is a ${entry.kind}`;
    return problem("RC-CFG-006", { path, reason }, [`${path}: ${reason}`]);
  }
  return undefined;
}
