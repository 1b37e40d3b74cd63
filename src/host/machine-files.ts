import { createReadFiles } from "./node-files.ts";
import type { ReadFiles } from "./ports.ts";

/** The files of the running system: those given, unless they are of a tree below another root. */
export function openMachineFiles(files: ReadFiles): ReadFiles {
  return files.root === "/" ? files : createReadFiles("/");
}
