import type { Change, FileChange } from "../../change.ts";
import { programs } from "../../runtimes/programs.ts";
import type { Painter } from "./paint.ts";

/** What was done to whose files, a line each: for after the fact. */
export function changeLines(changes: readonly Change[]): readonly string[] {
  return changes.flatMap((change) => {
    if (change.kind === "run-program") return [`  ${"ran".padEnd(8)} ${programs[change.program].argv.join(" ")}`];
    if (change.kind !== "file" || change.internal) return [];
    return [`  ${PAST[verbOf(change)].padEnd(8)} ${change.path} (${change.purpose})`];
  });
}

/** Whether a plan does more than bring regclient's own records up to date. */
export function hasEffect(changes: readonly Change[]): boolean {
  return changes.some((change) => change.kind !== "file" || change.purpose !== "records");
}

/** The same plan for scripts: what happens where, without contents. */
export function planJson(changes: readonly Change[]): readonly object[] {
  return changes.map((change) => {
    if (change.kind === "file") return { kind: verbOf(change), path: change.path, purpose: change.purpose };
    if (change.kind === "run-program") return { kind: change.kind, argv: programs[change.program].argv };
    return "path" in change ? { kind: change.kind, path: change.path } : { kind: change.kind, item: change.item };
  });
}

const PAST = { "create-file": "wrote", "change-file": "changed", "remove-file": "removed" } as const;

function verbOf(change: FileChange): keyof typeof PAST {
  if (change.before === undefined) return "create-file";
  return change.after === undefined ? "remove-file" : "change-file";
}

/** A plan as a diff, by code that is loaded only when somebody wants to see one. */
export async function showPlan(changes: readonly Change[], paint: Painter): Promise<string> {
  const { planText } = await import("./plan-text.ts");
  return planText(changes, paint);
}
