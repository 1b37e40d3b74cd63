import { registryRecordPath, verificationRecordPath } from "./record-paths.ts";
import type { Attributes } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import type { Change } from "../change.ts";
import { declarationPath } from "./declaration.ts";
import {
  CREDENTIAL_FILE,
  draftFile,
  finishDraft,
  runtimePurpose,
  startDraft,
  undraftOwnFile,
  type Draft,
} from "./draft.ts";
import { discardCredential } from "./plan-login.ts";
import { isAsLeft } from "./origin.ts";
import type { Plan } from "./plan.ts";
import { statePaths, type RegistryState, type SharedState } from "./state.ts";
import { takeBackAlias, takeBackEdit, takeBackHelper } from "./take-back.ts";
import type { HostView } from "./view.ts";

/** Everything that decides what unenrolling will take back. */
export interface UnenrollInput {
  readonly name: RegistryName;
  readonly view: HostView;
  readonly state: RegistryState;
  readonly shared: SharedState;
  readonly owner: Pick<Attributes, "uid" | "gid">;
  /** No other registry is enrolled: regclient's own records and keys go too. */
  readonly isLast: boolean;
  /** Files that serve the vault for all registries. */
  readonly vaultFiles: readonly string[];
}

/** The changes that take back exactly what enrolling added. */
export function planUnenrollment(input: UnenrollInput): Plan {
  const draft = startDraft(input.view, input.shared, input.owner);
  undraftDeclaration(draft, input);
  for (const origin of input.state.files) {
    if (origin.path !== declarationPath(input.name.key)) undraftOwnFile(draft, origin, runtimePurpose(origin.path));
  }
  if (input.state.hostsFile !== undefined) takeBackAlias(draft, input.name, input.state.hostsFile);
  for (const edit of input.state.edits ?? []) takeBackEdit(draft, input.name, edit);
  for (const config of input.state.dockerConfigs) takeBackHelper(draft, input.name, config);
  const keychain = undraftCredential(draft, input);
  for (const path of [registryRecordPath(input.name.key), verificationRecordPath(input.name.key)])
    draftFile(draft, path, undefined, "records");
  if (input.isLast) draftFile(draft, statePaths.decisions, undefined, "records");
  const changes = finishDraft(draft, keychain, { forgetDirectories: input.isLast });
  return { changes, notes: draft.notes };
}

/** A declaration that regclient began is removed with whatever was written into it since: it would enroll the host again. */
function undraftDeclaration(draft: Draft, input: UnenrollInput): void {
  const path = declarationPath(input.name.key);
  const current = draft.view.file(path);
  const origin = input.state.files.find((each) => each.path === path);
  if (origin?.before === undefined && origin !== undefined) {
    if (current !== undefined && !isAsLeft(origin, current))
      draft.notes.push(
        `${path} was changed after regclient wrote it; it goes all the same, or it would be enrolled again`,
      );
    return draftFile(draft, path, undefined, "declaration");
  }
  if (origin !== undefined) undraftOwnFile(draft, origin, "declaration");
  if (current !== undefined) {
    draft.notes.push(
      `${path} was there before regclient wrote to it; while it stays, reconcile will enroll ${input.name.key} again`,
    );
  }
}

function undraftCredential(draft: Draft, input: UnenrollInput): readonly Change[] {
  const { credential } = input.state;
  if (input.isLast) for (const path of input.vaultFiles) draftFile(draft, path, undefined, CREDENTIAL_FILE);
  return credential === undefined ? [] : discardCredential(draft, input.name.key, credential);
}
