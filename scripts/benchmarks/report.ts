import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { median, type Comparison, type Timing } from "./interleave.ts";

const PAGE = join(import.meta.dirname, "../../docs/performance.md");
const HEAD = `# Performance

Written by \`scripts/bench\`. Where a row has pairs, it is two commands run in turn on one machine, and the ratio is the median
of the ratios pair by pair. Only ratios carry over to another machine.
`;

/** Puts a benchmark's table into docs/performance.md in place of its older one, and gives it as text. */
export function writeResults(name: string, table: readonly string[]): string {
  const section = [`## ${name}`, "", machine(), "", ...table, ""].join("\n");
  const page = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : HEAD;
  const older = new RegExp(`## ${name}\\n[^]*?(?=\\n## |$)`);
  const joined = older.test(page) ? page.replace(older, () => section) : `${page.trimEnd()}\n\n${section}`;
  writeFileSync(PAGE, `${joined.trimEnd()}\n`);
  return `${section}\n`;
}

function machine(): string {
  const all = cpus();
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${all.length} cores (${all[0]?.model.trim()}), Linux ${release()}, Node ${process.versions.node}`;
}

/** A row for each comparison. */
export function tableOf(comparisons: readonly Comparison[]): readonly string[] {
  return [
    "| what | regclient, median ms | beside it | median ms | ratio | lowest to highest |",
    "|---|---:|---|---:|---:|---:|",
    ...comparisons.map(({ what, first, second, ratio, lowest, highest }) => {
      const spread = `${lowest.toFixed(2)} to ${highest.toFixed(2)} (${first.times.length} pairs)`;
      return `| ${what} | ${ms(first)} | ${second.name} | ${ms(second)} | **${ratio.toFixed(2)}** | ${spread} |`;
    }),
    ...comparisons.flatMap(({ remark }) => (remark === undefined ? [] : ["", remark])),
  ];
}

function ms({ times }: Timing): string {
  return median(times).toFixed(0);
}
