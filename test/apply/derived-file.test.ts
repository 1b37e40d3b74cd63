import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeDerivedFile } from "../../src/apply/derived-file.ts";
import type { Host } from "../../src/host/ports.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const MARK = "# ours\n";
const file = { path: "/d/r.prom", text: `${MARK}x 1\n`, mark: MARK, mode: 0o644 };

function setUp(files: Readonly<Record<string, string>> = { "/d/other": "" }): { root: string; host: Host } {
  const root = makeScratchRoot(files);
  return { root, host: makeFakeHost({ root }) };
}

test("the file is made, and made anew, with its mode and nothing beside it", async () => {
  const { root, host } = setUp();
  expect(await writeDerivedFile(host, file)).toEqual({ ok: true, value: undefined });
  chmodSync(join(root, "/d/r.prom"), 0o600);
  expect(await writeDerivedFile(host, { ...file, text: `${MARK}x 2\n` })).toMatchObject({ ok: true });
  expect(snapshotTree(root)).toMatchObject({ "/d/r.prom": `644 ${MARK}x 2\n` });
  expect(readdirSync(join(root, "/d"))).toEqual(["other", "r.prom"]);
});

test("what an interrupted writing left beside it is taken away", async () => {
  const { root, host } = setUp({ "/d/r.prom": `${MARK}x 0\n`, "/d/r.prom.regclient-new": "hal" });
  expect(await writeDerivedFile(host, file)).toMatchObject({ ok: true });
  expect(readdirSync(join(root, "/d"))).toEqual(["r.prom"]);
});

test.each<[string, (root: string) => void, string]>([
  [
    "a file of somebody else",
    (root) => writeFileSync(join(root, "/d/r.prom"), "y 1\n"),
    "a file is there that regclient did not write",
  ],
  ["an empty file", (root) => writeFileSync(join(root, "/d/r.prom"), ""), "a file is there that regclient did not"],
  ["a directory", (root) => mkdirSync(join(root, "/d/r.prom")), "it is a directory"],
  ["a link", (root) => symlinkSync("/d/other", join(root, "/d/r.prom")), "it is a symbolic link to /d/other"],
  [
    "a directory beside it",
    (root) => mkdirSync(join(root, "/d/r.prom.regclient-new/x"), { recursive: true }),
    "EEXIST",
  ],
])("%s in its place is left", async (_, put, reason) => {
  const { root, host } = setUp();
  put(root);
  const before = snapshotTree(root);
  const refused = await writeDerivedFile(host, file);
  expect(refused).toMatchObject({ ok: false, problem: { code: "RC-HST-031", exit: 7 } });
  if (!refused.ok) expect(refused.problem.cause).toContain(reason);
  expect(snapshotTree(root)).toEqual(before);
});

test("a directory that is not there is not made", async () => {
  const { root, host } = setUp({ "/x": "" });
  expect(await writeDerivedFile(host, file)).toMatchObject({ ok: false, problem: { code: "RC-HST-031" } });
  expect(readdirSync(root)).toEqual(["x"]);
});

test("a disk that is full leaves the old file", async () => {
  const { root, host } = setUp({ "/d/r.prom": `${MARK}x 0\n` });
  const full = async (): Promise<void> =>
    Promise.reject(Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC", syscall: "write" }));
  const refused = await writeDerivedFile({ ...host, writer: { ...host.writer, createFile: full } }, file);
  expect(refused).toMatchObject({ ok: false, problem: { code: "RC-HST-031", cause: "ENOSPC: no space left" } });
  expect(readFileSync(join(root, "/d/r.prom"), "utf8")).toBe(`${MARK}x 0\n`);
});

test("a planted link beside it leads nowhere", async () => {
  const { root, host } = setUp({ "/d/other": "keep" });
  symlinkSync(join(root, "/d/other"), join(root, "/d/r.prom.regclient-new"));
  expect(await writeDerivedFile(host, file)).toMatchObject({ ok: true });
  expect(readFileSync(join(root, "/d/other"), "utf8")).toBe("keep");
  expect(lstatSync(join(root, "/d/r.prom")).isFile()).toBe(true);
});
