import { parseArgs } from "node:util";
import { benchDaemon, benchPasses } from "./daemon.ts";
import { benchEnroll } from "./enroll.ts";
import { benchPackage } from "./package.ts";
import { tableOf, writeResults } from "./report.ts";
import { benchStart } from "./start.ts";
import { benchTransfer } from "./transfer.ts";

const benchmarks = {
  enroll: async (runs: number) => tableOf(await benchEnroll(runs)),
  start: async (runs: number) => tableOf(await benchStart(runs)),
  package: async (runs: number) => tableOf(await benchPackage(runs)),
  daemon: benchDaemon,
  passes: benchPasses,
  transfer: async (runs: number) => tableOf(await benchTransfer(runs)),
} as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "9" } },
});
const runs = Number(values.runs);
const wanted = positionals.length > 0 ? positionals : Object.keys(benchmarks);
const unknown = wanted.find((name) => !(name in benchmarks));
if (unknown !== undefined || !(runs >= 1)) {
  process.stderr.write(
    `bench: no such benchmark, or not a number of runs; there are: ${Object.keys(benchmarks).join(", ")}\n`,
  );
  process.exit(2);
}
for (const name of wanted) {
  const result = await benchmarks[name as keyof typeof benchmarks](runs);
  process.stdout.write(writeResults(name, result));
}
