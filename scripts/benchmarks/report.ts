import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { median, type Comparison, type Timing } from "./interleave.ts";

const PAGE = join(import.meta.dirname, "../../docs/performance.md");
const HEAD = `# Performance

Written by \`scripts/bench\`. Each row is two commands run in turn on one machine; the ratio is the median of the ratios
pair by pair, and only ratios carry over to another machine.
`;

/** Puts a benchmark's results into docs/performance.md in place of its older ones, and gives them as text. */
export function writeResults(name: string, comparisons: readonly Comparison[]): string {
  const section = [`## ${name}`, "", machine(), "", ...table(comparisons), "", ...remarks(comparisons)].join("\n");
  const page = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : HEAD;
  const older = new RegExp(`## ${name}\\n[^]*?(?=\\n## |$)`);
  const joined = older.test(page) ? page.replace(older, () => section) : `${page.trimEnd()}\n\n${section}`;
  writeFileSync(PAGE, `${joined.trimEnd()}\n`);
  return `${section}\n`;
}

function remarks(comparisons: readonly Comparison[]): readonly string[] {
  return comparisons.flatMap(({ remark }) => (remark === undefined ? [] : [remark, ""]));
}

function machine(): string {
  const all = cpus();
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${all.length} cores (${all[0]?.model.trim()}), Linux ${release()}, Node ${process.versions.node}`;
}

function table(comparisons: readonly Comparison[]): readonly string[] {
  return [
    "| what | regclient, median ms | beside it | median ms | ratio | lowest to highest |",
    "|---|---:|---|---:|---:|---:|",
    ...comparisons.map(({ what, first, second, ratio, lowest, highest }) => {
      const spread = `${lowest.toFixed(2)} to ${highest.toFixed(2)} (${first.times.length} pairs)`;
      return `| ${what} | ${ms(first)} | ${second.name} | ${ms(second)} | **${ratio.toFixed(2)}** | ${spread} |`;
    }),
  ];
}

function ms({ times }: Timing): string {
  return median(times).toFixed(0);
}
