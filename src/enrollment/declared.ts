import { problem } from "../findings/problem.ts";
import { whyNoFile, type ReadFiles } from "../host/ports.ts";
import { failure, success, type Result } from "../result.ts";
import { declarationPath, parseDeclaration, type Declaration } from "./declaration.ts";

/** The declaration of a registry, undefined where there is none. What is there and cannot be read is a Problem. */
export async function readDeclaration(files: ReadFiles, key: string): Promise<Result<Declaration | undefined>> {
  const path = declarationPath(key);
  const entry = await files.readEntry(path);
  if (entry.kind === "absent") return success(undefined);
  if (entry.kind !== "file") {
    const reason = whyNoFile(entry);
    return failure(problem("RC-CFG-006", { path, reason }, [`${path}: ${reason}`]));
  }
  const declared = parseDeclaration(Buffer.from(entry.bytes).toString("utf8"), path);
  return declared.ok ? success(declared.value.declaration) : declared;
}
