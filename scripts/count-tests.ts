import { readFileSync } from "node:fs";
import process from "node:process";

// Closes the output of scripts/test with the real counts on a line of their own.
const report = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
};
const { numPassedTests, numFailedTests, numPendingTests } = report;
process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`);
