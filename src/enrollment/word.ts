import { problem } from "../findings/problem.ts";
import type { ReadFiles } from "../host/ports.ts";
import { failure, success, type Result } from "../result.ts";
import { declarationPath, overrideDeclaration, type Declaration } from "./declaration.ts";
import { readDeclaration } from "./declared.ts";
import { observeRecords, type Records } from "./observe.ts";
import type { EnrollRequest } from "./pass.ts";

/** What is declared and recorded of a registry: what a pass over it begins with. */
export interface Word {
  /** As in the file, with what the command line says put in. */
  readonly declaration: Declaration;
  readonly records: Records;
}

/** Reads the declaration and the records. */
export async function readWord(files: ReadFiles, request: EnrollRequest): Promise<Result<Word>> {
  const { key } = request.name;
  const existing = await readDeclaration(files, key);
  if (!existing.ok) return existing;
  if (existing.value === undefined && request.mustBeDeclared === true)
    return failure(problem("RC-CFG-008", { name: key, path: declarationPath(key) }));
  const declaration = overrideDeclaration(request.name, existing.value, request.overrides);
  if (!declaration.ok) return declaration;
  const records = await observeRecords(files, key);
  return records.ok ? success({ declaration: declaration.value, records: records.value }) : records;
}

/** True when both say the same of the registry. What the records say of others is left out. */
export function sameWord(one: Word, other: Word): boolean {
  return essence(one) === essence(other);
}

function essence({ declaration, records }: Word): string {
  return JSON.stringify([declaration, records.state]);
}
