import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";

const PAGE = join(import.meta.dirname, "../../docs/fleet.md");

/** Puts the measured part into docs/fleet.md, in place of the older one. Throws when the page has no such part. */
export function writeMeasured(lines: readonly string[]): void {
  const page = readFileSync(PAGE, "utf8");
  const part = /(<!-- measured -->\n)[^]*(\n<!-- end of measured -->)/;
  if (!part.test(page)) throw new Error(`${PAGE} has no place for what was measured`);
  const text = [describeMachine(), "", ...lines].join("\n");
  writeFileSync(
    PAGE,
    page.replace(part, (_, begin: string, end: string) => `${begin}\n${text}\n${end}`),
  );
}

function describeMachine(): string {
  const all = cpus();
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${all.length} cores (${all[0]?.model.trim()}), Linux ${release()}, Node ${process.versions.node}`;
  return `Written by \`scripts/simulate-fleet\` on ${day}: ${machine}; server and agents on the same machine, beside other work.`;
}
