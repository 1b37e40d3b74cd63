import { execFileSync } from "node:child_process";

/** Seconds since 1970 that everything built is dated with: SOURCE_DATE_EPOCH, or when the last commit was made. */
export function readSourceDate(): number {
  const given = process.env["SOURCE_DATE_EPOCH"];
  const text = given ?? readCommitDate();
  if (!/^\d+\s*$/.test(text)) throw new Error("SOURCE_DATE_EPOCH is no number of seconds");
  return Number(text);
}

function readCommitDate(): string {
  try {
    return execFileSync("git", ["log", "-1", "--format=%ct"], { cwd: import.meta.dirname, encoding: "utf8" });
  } catch (error) {
    throw new Error("this is no git checkout: say with SOURCE_DATE_EPOCH what the date is to be", { cause: error });
  }
}
