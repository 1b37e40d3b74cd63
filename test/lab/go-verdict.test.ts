import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { loadLikeGo } from "../../src/trust/go-pool.ts";
import { makeCaFileRows } from "../support/ca-file-rows.ts";
import { makeGoRows, rowHost, type GoRow } from "../support/go-rows.ts";
import { randomRows } from "../support/random-chains.ts";
import { askGo, expectAgreement } from "./ask-go.ts";
import type { StageAnswer } from "./go-verdict-stage.ts";

// Debian 12's skopeo is built with Go 1.19, which judges these otherwise; regclient judges as Docker's newer Go does
const ONLY_NEWER_GO = new Set([
  "768-bit key, pinned",
  "CA with a 768-bit key",
  "negative serial",
  "one extension twice",
  "the constrained CA's own name is outside",
  "an intermediate's name is outside",
]);
const RANDOM_CHAINS = 150;
const dockerIsOlder = isBuiltWithOlderGo("docker");

const rows = makeGoRows(Date.now());
const random = randomRows(20_261_124, RANDOM_CHAINS, Date.now());
const files = toFileRows(makeCaFileRows());
let answers: ReadonlyMap<string, StageAnswer> = new Map();

beforeAll(() => {
  answers = askGo([...rows, ...random, ...files]);
});

describe.each(rows.map((row) => [row.title, row] as const))("%s", (title, row) => {
  test.skipIf(dockerIsOlder && ONLY_NEWER_GO.has(title))("docker login agrees", () => {
    expectAgreement(row, answers.get(title)?.docker);
    if (row.refused !== undefined) expect(answers.get(title)?.docker.output).toContain(row.refused.text);
  });
  if (ONLY_NEWER_GO.has(title)) return;
  test("skopeo login agrees", () => {
    expectAgreement(row, answers.get(title)?.skopeo);
  });
});

test.each(random.map((row) => [row.title, row] as const))("docker agrees on %s", (title, row) => {
  expectAgreement(row, answers.get(title)?.docker);
});

describe.each(files.map((row) => [row.title, row] as const))("%s", (title, row) => {
  test("docker and skopeo load of it what we say", () => {
    expectAgreement(row, answers.get(title)?.docker);
    expectAgreement(row, answers.get(title)?.skopeo);
  });
});

test("the random chains are of both kinds", () => {
  const accepted = random.filter(({ title }) => answers.get(title)?.docker.accepted === true).length;
  expect(accepted).toBeGreaterThan(RANDOM_CHAINS / 10);
  expect(accepted).toBeLessThan(RANDOM_CHAINS * 0.9);
});

/** Debian 12's own docker is as old as its skopeo; then those rows are not held against anything, and that is said. */
function isBuiltWithOlderGo(program: string): boolean {
  const { stdout } = spawnSync(program, ["version", "--format", "{{.Client.GoVersion}}"], { encoding: "utf8" });
  const minor = Number(/^go1\.(\d+)/.exec(stdout)?.[1]);
  if (minor >= 22) return false;
  process.stderr.write(
    `go-verdict: ${program} is built with ${stdout.trim()}; rows that newer Go judges otherwise are SKIPPED\n`,
  );
  return true;
}

function toFileRows({ pinned, rows: caFiles }: ReturnType<typeof makeCaFileRows>): readonly GoRow[] {
  return caFiles.map(({ title, bytes }) => ({
    title: `ca.crt: ${title}`,
    host: rowHost,
    isAddress: false,
    served: [pinned.certificate],
    keyPem: pinned.keyPem,
    anchors: loadLikeGo(bytes),
    caFile: Buffer.from(bytes).toString("base64"),
  }));
}
