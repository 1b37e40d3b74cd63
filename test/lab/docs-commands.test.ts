import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { buildDebianPackage } from "../../scripts/packaging/debian/package.ts";
import { requireLab, startLab } from "./lab.ts";
import { expectDone, startClientLab } from "./support/client-lab.ts";
import { NOT_RUN } from "./support/docs/left-out.ts";
import { listCommands, listGroup, NEWER, rows, textOf } from "./support/docs/list.ts";
import { GROUPS, type Group } from "./support/docs/row.ts";
import { runGroup } from "./support/docs/runner.ts";
import { makeStage } from "./support/docs/stage.ts";
import { checkout } from "./support/holder.ts";
import { bootMachine } from "./support/machine.ts";
import { makeMachineTree } from "./support/machine-tree.ts";

requireLab();

const LONG = { timeout: 300_000 };

test("every command line of the pages is run by one of these tests, or it is said why not, and no row is for nothing", () => {
  const all = listCommands();
  const run = (Object.keys(GROUPS) as readonly Group[]).flatMap(listGroup).map(({ command }) => command);
  const has = (
    table: readonly { readonly page: string; readonly command: string }[],
    file: string,
    text: string,
  ): boolean => table.some(({ page, command }) => page === file && command === text);
  const open = all.filter(
    (one) =>
      !has(NOT_RUN, one.file, textOf(one)) &&
      !run.some(({ file, line, text }) => file === one.file && line === one.line && text === one.text),
  );
  const idle = [...rows, ...NOT_RUN].filter(
    (row) => !all.some((one) => one.file === row.page && textOf(one) === row.command),
  );
  const twice = NOT_RUN.filter(({ page, command }) => has(rows, page, command));
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

test.concurrent(
  "a checkout, the package that it makes, and the units on a machine with systemd",
  LONG,
  async ({ expect }) => {
    const folder = mkdtempSync(join(tmpdir(), "regclient-"));
    // the tree goes, whatever comes of the checkout
    const used = useCheckout(folder).catch((error: unknown) => [String(error)]);
    try {
      const [tree, wrong] = await Promise.all([makeMachineTree(), used]);
      await using _tree = { [Symbol.asyncDispose]: async () => tree.remove() };
      expect(wrong).toEqual([]);
      await using lab = await startClientLab({ tree: tree.path });
      const machine = await bootMachine(lab.client, "bare");
      cpSync(join(folder, "packages"), machine.path("/root"), { recursive: true });
      expect(await runGroup(makeStage(lab, machine.initPid()), "machine")).toEqual([]);
    } finally {
      await used;
      rmSync(folder, { recursive: true });
    }
  },
);

/** Types what is for a checkout in one that can be written to, and keeps the packages. */
async function useCheckout(folder: string): Promise<readonly string[]> {
  await using lab = await startLab();
  // the npm packages are those that scripts/setup has installed: the lab has no way out to fetch them again
  const mount = `mkdir /run/lab/own/upper /run/lab/own/work
    mount -t overlay -o lowerdir="$0",upperdir=/run/lab/own/upper,workdir=/run/lab/own/work overlay "$0"
    touch "$0/node_modules/.package-lock.json"`;
  expectDone(await lab.client.run(["sh", "-ec", mount, checkout]));
  const wrong = await runGroup(makeStage(lab, lab.client.holderPid, folder), "checkout");
  if (wrong.length > 0) return wrong;
  const packages = join(folder, "packages");
  await buildDebianPackage(join(folder, "tree"), join(packages, `regclient_${NEWER}_amd64.deb`), {
    arch: "x64",
    executable: join(packages, `regclient-${manifest.version}-linux-x64`),
    copyright: "",
    sourceDate: 1_700_000_000,
    fast: true,
    version: NEWER,
  });
  return [];
}
