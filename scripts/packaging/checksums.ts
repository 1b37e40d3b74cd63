import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SUMS = "SHA256SUMS";

/** Writes SHA256SUMS of all that lies in `folder`, as `sha256sum --check` reads it; gives the names. */
export function writeChecksums(folder: string): readonly string[] {
  const names = readdirSync(folder)
    .filter((name) => name.startsWith("regclient"))
    .sort();
  const lines = names.map((name) => {
    const digest = createHash("sha256").update(readFileSync(join(folder, name)));
    return `${digest.digest("hex")}  ${name}\n`;
  });
  writeFileSync(join(folder, SUMS), lines.join(""));
  return [...names, SUMS];
}
