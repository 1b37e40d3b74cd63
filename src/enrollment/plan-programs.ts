import { programs, type ProgramId } from "../runtimes/programs.ts";
import { runtimes } from "../runtimes/runtimes.ts";
import type { Change, FileChange } from "../change.ts";
import type { Plan } from "./plan.ts";

/**
 * The plan with the programs that its files ask for, each once, right behind the files. The programs of another root
 * cannot be run from here: they are told then.
 */
export function withPrograms(plan: Plan, root: string): Plan {
  const needed = dropImplied([...new Set(plan.changes.filter(isFile).flatMap(programsAfter))]);
  if (needed.length === 0) return plan;
  if (root !== "/") {
    const told = needed.map((id) => `to be run in that tree before it counts: ${programs[id].argv.join(" ")}`);
    return { ...plan, notes: [...plan.notes, ...told] };
  }
  const last = plan.changes.findLastIndex(isFile) + 1;
  const runs = needed.map((program) => ({ kind: "run-program", program }) as const);
  return { ...plan, changes: [...plan.changes.slice(0, last), ...runs, ...plan.changes.slice(last)] };
}

function programsAfter({ path, after }: FileChange): readonly ProgramId[] {
  return runtimes.flatMap((runtime) => runtime.programAfter?.(path, after === undefined) ?? []);
}

/** `--fresh` does all that goes without it. */
function dropImplied(ids: readonly ProgramId[]): readonly ProgramId[] {
  return ids.filter((id) => !ids.some((other) => other === `${id} --fresh`));
}

function isFile(change: Change): change is FileChange {
  return change.kind === "file";
}
