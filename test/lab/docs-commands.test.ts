import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { buildDebianPackage } from "../../scripts/packaging/debian/package.ts";
import { requireLab, startLab } from "./lab.ts";
import { startClientLab } from "./support/client-lab.ts";
import { GROUPS, NOT_RUN, ROWS, type Group } from "./support/docs-rows.ts";
import { listCommands, listGroup, NEWER, runGroup, textOf } from "./support/docs-runner.ts";
import { makeStage } from "./support/docs-stage.ts";
import { checkout } from "./support/holder.ts";
import { bootMachine } from "./support/machine.ts";
import { makeMachineTree } from "./support/machine-tree.ts";

requireLab();

const LONG = { timeout: 300_000 };

test("every command line of the pages is run by one of these tests, or it is said why not, and no row is for nothing", () => {
  const all = listCommands();
  const run = (Object.keys(GROUPS) as readonly Group[]).flatMap(listGroup).map(({ command }) => command);
  const has = (
    rows: readonly { readonly page: string; readonly command: string }[],
    file: string,
    text: string,
  ): boolean => rows.some(({ page, command }) => page === file && command === text);
  const open = all.filter(
    (one) =>
      !has(NOT_RUN, one.file, textOf(one)) &&
      !run.some(({ file, line, text }) => file === one.file && line === one.line && text === one.text),
  );
  const idle = [...ROWS, ...NOT_RUN].filter(
    (row) => !all.some((one) => one.file === row.page && textOf(one) === row.command),
  );
  const twice = NOT_RUN.filter(({ page, command }) => has(ROWS, page, command));
  expect({ open, idle, twice }).toEqual({ open: [], idle: [], twice: [] });
});

test.concurrent(
  "README, command line, doctor, runtimes and verification: on a host with Docker",
  LONG,
  async ({ expect }) => {
    await using lab = await startClientLab();
    await lab.client.startDockerd();
    expect(await runGroup(makeStage(lab), "pages")).toEqual([]);
  },
);

test.concurrent("enrolling, fleets, metrics and rotation", LONG, async ({ expect }) => {
  await using lab = await startClientLab();
  await lab.client.startDockerd();
  expect(await runGroup(makeStage(lab), "changes")).toEqual([]);
});

test.concurrent("a registry to try it with, from nothing", LONG, async ({ expect }) => {
  await using lab = await startLab();
  expect(await runGroup(makeStage(lab), "registry")).toEqual([]);
});

test.concurrent("a checkout that can be written to", LONG, async ({ expect }) => {
  await using lab = await startLab();
  const overlay = "upperdir=/run/lab/own/upper,workdir=/run/lab/own/work";
  const mount = `mkdir /run/lab/own/upper /run/lab/own/work && mount -t overlay -o lowerdir=${checkout},${overlay} overlay ${checkout}`;
  expect(await lab.client.run(["sh", "-c", mount])).toMatchObject({ code: 0 });
  expect(await runGroup(makeStage(lab), "checkout")).toEqual([]);
});

test.concurrent("the package and the units, on a machine with systemd", LONG, async ({ expect }) => {
  const folder = mkdtempSync(join(tmpdir(), "regclient-"));
  const [tree, files] = await Promise.all([makeMachineTree(), buildPackages(folder)]);
  try {
    await using lab = await startClientLab({ tree: tree.path });
    const machine = await bootMachine(lab.client, "bare");
    for (const name of files) copyFileSync(join(folder, "out", name), machine.path(join("/root", name)));
    expect(await runGroup(makeStage(lab, machine.initPid()), "machine")).toEqual([]);
  } finally {
    tree.remove();
    rmSync(folder, { recursive: true });
  }
});

/** What users download, and the package after it. */
async function buildPackages(folder: string): Promise<readonly string[]> {
  const main = join(checkout, "scripts/packaging/main.ts");
  await promisify(execFile)(process.execPath, [main, "--fast", "--out", join(folder, "out")], {
    env: { ...process.env, TMPDIR: folder },
  });
  const out = join(folder, "out");
  const program = `regclient-${manifest.version}-linux-x64`;
  const newer = `regclient_${NEWER}_amd64.deb`;
  await buildDebianPackage(join(folder, "tree"), join(out, newer), {
    arch: "x64",
    executable: join(out, program),
    copyright: "",
    sourceDate: 1_700_000_000,
    fast: true,
    version: NEWER,
  });
  return [program, newer, `regclient_${manifest.version}_amd64.deb`, "SHA256SUMS"];
}
