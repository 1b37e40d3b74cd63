import { stripVTControlCharacters } from "node:util";

/** Each line that the page shows is printed, in that order, but for what differs from run to run. */
export function expectShown(shown: readonly string[], printed: string): void {
  const lines = printed.split("\n").map(steadyLine);
  let at = 0;
  const missing = shown.map(steadyLine).filter((line) => {
    const found = lines.indexOf(line, at);
    if (found >= 0) at = found + 1;
    return found < 0;
  });
  if (missing.length > 0)
    throw new Error(`the page shows what is not printed:\n${missing.join("\n")}\nof:\n${printed}`);
}

function steadyLine(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll(/sha256:[0-9a-f]+…?/g, "sha256:HEX")
    .replaceAll(/\d{4}-\d\d-\d\d/g, "DAY")
    .replaceAll(/\b\d+ ms/g, "TIME")
    .replaceAll(/Engine \S+/g, "Engine VERSION")
    .replaceAll(/\s+/g, " ")
    .trim();
}
