import { declarationPath, renderDeclaration } from "./declaration.ts";
import { draftFile, type Draft } from "./draft.ts";
import { isAsLeft, recordOrigin, revertToOrigin, type Origin } from "./origin.ts";
import type { EnrollInput } from "./plan.ts";
import { registryRecordPath } from "./record-paths.ts";
import { originOf, renderState, type RegistryState } from "./state.ts";

/** Writes the declaration; gives the record of how its file was before regclient. */
export function draftDeclaration(
  draft: Draft,
  input: Pick<EnrollInput, "name" | "view" | "state" | "declaration">,
): Origin | undefined {
  const path = declarationPath(input.name.key);
  const before = input.view.file(path);
  const previous = before === undefined ? undefined : Buffer.from(before.bytes).toString("utf8");
  const text = renderDeclaration(input.declaration, previous);
  const kept = originOf(input.state?.files ?? [], path);
  if (text === previous) return kept;
  const after = { ...(before ?? { mode: 0o644, ...draft.owner }), bytes: Buffer.from(text) };
  draftFile(draft, path, after, "declaration");
  // people edit declarations: what regclient itself began stays its own to remove, edited or not
  if (kept !== undefined && kept.before === undefined) return recordOrigin(path, undefined, after.bytes);
  const original = kept && before && isAsLeft(kept, before) ? revertToOrigin(kept, before) : before;
  return recordOrigin(path, original, after.bytes);
}

/** Writes what is remembered of a registry, always in the same order: the same record is the same bytes. */
export function draftRecord(draft: Draft, state: RegistryState): void {
  const { version, registry, enrolledAt, carriedOut, anchors, credential, hostsFile, dockerConfigs, files } = state;
  const { pending = [], rejected = [], retired = [], sources = [], announced = [], edits = [] } = state;
  const ordered = {
    version,
    registry,
    enrolledAt,
    ...(carriedOut !== undefined && { carriedOut }),
    anchors,
    ...(pending.length > 0 && { pending }),
    ...(rejected.length > 0 && { rejected }),
    ...(retired.length > 0 && { retired }),
    ...(sources.length > 0 && { sources }),
    ...(announced.length > 0 && { announced }),
    ...(credential && { credential }),
    ...(hostsFile !== undefined && { hostsFile }),
    dockerConfigs,
    ...(edits.length > 0 && { edits }),
    files,
  };
  const image = { bytes: renderState(ordered), mode: 0o644, ...draft.owner };
  draftFile(draft, registryRecordPath(state.registry), image, "records");
}
