import { problem, type Problem } from "../findings/problem.ts";
import { runtimeNamed } from "../runtimes/runtimes.ts";
import type { RuntimeWants, SharedEdit } from "../runtimes/runtime.ts";
import { draftSharedFile, ownDirectories, RUNTIME_CONFIG, type Draft } from "./draft.ts";
import { differenceOf } from "./origin.ts";
import type { EnrollInput } from "./plan.ts";
import type { ManagedEdit } from "./state.ts";
import { takeBackEdit } from "./take-back.ts";

/** What a runtime says against writing for it, and a shared file that its lines cannot be put into. */
export function editConflict(input: EnrollInput): Problem | undefined {
  for (const wants of input.wants) {
    const conflict = wants.conflicts[0];
    if (conflict !== undefined) return conflict;
    // what a user has made of a file of his own keeps nothing else from being put right
    for (const edit of wants.edits.filter(({ owner }) => owner === undefined)) {
      const refused = refusalOf(input, edit);
      if (refused !== undefined) return refused;
    }
  }
  return undefined;
}

/** Puts lines into runtimes' own files, takes them from where they are no longer wanted; gives the files that have any. */
export function draftEdits(draft: Draft, input: EnrollInput): readonly ManagedEdit[] {
  const wanted = input.wants.flatMap(({ runtime, edits }) => edits.map((edit) => ({ runtime, edit })));
  const paths = new Set(wanted.map(({ edit }) => edit.path));
  for (const before of input.state?.edits ?? []) {
    if (!paths.has(before.path)) takeBackEdit(draft, input.name, before);
  }
  return wanted.flatMap(({ runtime, edit }) => {
    const refused = edit.owner === undefined ? undefined : refusalOf(input, edit);
    if (refused === undefined) draftEdit(draft, runtime, edit);
    else draft.notes.push(`${edit.path} is a user's, and is not written: ${refused.cause}`);
    const isNew = input.state?.edits?.some(({ path }) => path === edit.path) !== true;
    return refused !== undefined && isNew ? [] : [{ path: edit.path, runtime }];
  });
}

/** What the runtimes have to say; most of it only where something changes. */
export function draftRuntimeNotes(draft: Draft, input: EnrollInput): void {
  const isChanged = ({ files, edits }: RuntimeWants): boolean =>
    [...files, ...edits].some(({ path }) => draft.files.has(path));
  const isAnyChanged = input.wants.some(isChanged);
  for (const wants of input.wants) {
    draft.notes.push(...wants.warnings.map(noteOf));
    if (isAnyChanged) draft.notes.push(...wants.notes);
    if (!isChanged(wants)) continue;
    if (wants.reload !== undefined) draft.notes.push(wants.reload);
    draft.notes.push(...(wants.advice ?? []).map(noteOf));
  }
}

function noteOf({ code, summary, cause, fix }: Problem): string {
  return [`${summary}: ${cause} [${code}]`, ...fix].join("\n      ");
}

function refusalOf(input: EnrollInput, edit: SharedEdit): Problem | undefined {
  const entry = input.view.entry(edit.path);
  if (entry.kind !== "file" && entry.kind !== "absent") {
    const reason = entry.kind === "unreadable" ? entry.reason : `it is a ${entry.kind}`;
    return problem("RC-CFG-006", { path: edit.path, reason }, [`${edit.path}: ${reason}`]);
  }
  const text = textAt(input, edit.path);
  const after = edit.put(text);
  if (!after.ok) return after.problem;
  if (entry.kind === "absent" || (entry.mode & 0o004) !== 0) return undefined;
  // the lines between two changes would go into the records, which everybody can read
  if (differenceOf(text, after.value).removed === "") return undefined;
  const mode = entry.mode.toString(8).padStart(4, "0");
  return problem("RC-TRU-021", { path: edit.path, name: input.name.key, mode }, [`${edit.path} has mode ${mode}`]);
}

function draftEdit(draft: Draft, runtime: RuntimeWants["runtime"], edit: SharedEdit): void {
  const current = draft.view.file(edit.path);
  const text = Buffer.from(current?.bytes ?? []).toString("utf8");
  const after = edit.put(text);
  if (!after.ok) throw new Error(`${edit.path}: ${after.problem.summary}`);
  ownDirectories(draft, edit.path, edit.owner);
  const image = { ...(current ?? { mode: edit.mode, ...draft.owner, ...edit.owner }), bytes: Buffer.from(after.value) };
  draftSharedFile(draft, edit.path, image, RUNTIME_CONFIG, () => Buffer.from(withoutAny(runtime, text, edit.path)));
}

/** The text without the lines of any registry. */
function withoutAny(runtime: RuntimeWants["runtime"], text: string, path: string): string {
  const stripped = runtimeNamed(runtime)?.takeOut?.(text, undefined, path);
  return stripped?.ok === true ? stripped.value : text;
}

function textAt(input: EnrollInput, path: string): string {
  return Buffer.from(input.view.file(path)?.bytes ?? []).toString("utf8");
}
