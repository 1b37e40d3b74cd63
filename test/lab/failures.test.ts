import { afterAll, beforeAll, expect, test } from "vitest";
import { codesIn, type Said } from "../support/doctor-stage.ts";
import { requireLab } from "./lab.ts";
import { name, startBench, type Bench } from "./support/failure-bench.ts";
import { failureRows } from "./support/failure-rows/all.ts";
import type { FailureRow } from "./support/failure-rows/row.ts";

requireLab();

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

const titled = failureRows.map((row) => [row.code === "" ? "nothing" : row.code, row.title, row] as const);

test.each(titled)("%s: %s", async (_code, _title, row) => {
  try {
    await row.breaks(bench);
    const said = await ask(row);
    expect(said.codes, said.text).toEqual(row.code === "" ? [] : [row.code]);
  } finally {
    await bench.mend();
  }
  const mended = await ask({ ...row, ...(row.twin === undefined ? {} : { command: row.twin }) });
  expect(mended.codes, `mended: ${mended.text}`).toEqual([]);
});

interface Answer {
  readonly codes: readonly string[];
  readonly text: string;
}

async function ask({ host, command = ["doctor", name], user }: FailureRow): Promise<Answer> {
  const account = user === undefined ? {} : { user, cwd: "/" };
  const { stdout, stderr } = await bench.regclient(bench[host], [...command, "--output", "json"], account);
  const text = stdout + stderr;
  const said = JSON.parse(stdout) as Said;
  return { codes: command[0] === "doctor" ? codesIn(said) : said.problems.map(({ code }) => code), text };
}
