import { inspectFiles } from "../enrollment/inspect.ts";
import { readDeclaration } from "../enrollment/declared.ts";
import { listDeclared, listEnrolled, observeRecords } from "../enrollment/observe.ts";
import { problem } from "../findings/problem.ts";
import type { ReadFiles } from "../host/ports.ts";
import { failed, ok, skipped, type Verdict } from "./report.ts";
import type { Subject } from "./subject.ts";

/** Declarations and records of the named registries, or of all. */
export async function examineRecords(
  files: ReadFiles,
  keys: readonly string[] | undefined,
): Promise<readonly Verdict[]> {
  const [declared, enrolled] = [await listDeclared(files), await listEnrolled(files)];
  const wanted = (all: readonly string[]): readonly string[] => all.filter((key) => keys?.includes(key) ?? true);
  const results = [
    ...(await Promise.all(wanted(declared).map((key) => readDeclaration(files, key)))),
    ...(await Promise.all(wanted(enrolled).map((key) => observeRecords(files, key)))),
  ];
  const problems = results.flatMap((each) => (each.ok ? [] : [each.problem]));
  // what several registries share is found broken once for each
  const unique = new Map(problems.map((each) => [each.summary + each.cause, each]));
  if (unique.size > 0) return [...unique.values()].flatMap(failed);
  return ok(`${declared.length} declared, ${enrolled.length} enrolled`);
}

/** Whether the files that regclient wrote still are as it left them. */
export async function examineFiles({ pass, enrolled, name }: Subject): Promise<readonly Verdict[]> {
  if (enrolled === undefined) return skipped("not enrolled: regclient wrote nothing for it");
  const inspected = await inspectFiles(pass.host.files, enrolled);
  const astray = inspected.filter(({ state }) => state === "changed" || state === "missing");
  if (astray.length > 0)
    return astray.flatMap(({ path, state }) =>
      failed(problem("RC-CFG-033", { path, state, name: name.key }, [`${path}: ${state}`])),
    );
  const unseen = inspected.filter(({ state }) => state === "unreadable").length;
  return ok(
    unseen === 0 ? `${inspected.length} files as written` : `${unseen} of ${inspected.length} cannot be read by you`,
  );
}
