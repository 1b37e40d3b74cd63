import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SEALING_KEY } from "../../src/credentials/vaults/sealed-vault.ts";
import { registryRecordPath } from "../../src/enrollment/record-paths.ts";
import { reseal } from "../../src/enrollment/reseal.ts";
import { codeOf, valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";
import { makeSealedHost, passAt, passwords, readAll, recordOf } from "../support/sealed-host.ts";

test("every sealed login is encrypted anew under a new key, and nothing else changes", async () => {
  const root = await makeSealedHost();
  const before = snapshotTree(root);
  expect(valueOf(await reseal(passAt(root), 1000))).toEqual(["devregistry", "reg.test:5000"]);
  const after = snapshotTree(root);
  expect(Object.keys(after)).toEqual(Object.keys(before));
  const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
  expect(changed.map((path) => path.replace("/var/lib/regclient/credentials/", ""))).toEqual([
    "devregistry.sealed",
    "reg.test:5000.sealed",
    "sealing.key",
  ]);
  expect(await readAll(root)).toEqual(passwords);
});

test("a host without sealed logins stays as it is", async () => {
  const root = makeScratchRoot({ [registryRecordPath("open.test")]: recordOf("open.test", undefined) });
  const before = snapshotTree(root);
  expect(valueOf(await reseal(passAt(root), 1000))).toEqual([]);
  expect(snapshotTree(root)).toEqual(before);
});

test.each([
  ["the key is gone", (root: string) => rmSync(join(root, SEALING_KEY)), "RC-CRD-003"],
  ["the key is cut short", (root: string) => writeFileSync(join(root, SEALING_KEY), "short"), "RC-CRD-003"],
  [
    "one file was changed",
    (root: string) => writeFileSync(join(root, "/var/lib/regclient/credentials/reg.test:5000.sealed"), "{}"),
    "RC-CRD-004",
  ],
  [
    "one record is damaged",
    (root: string) => writeFileSync(join(root, registryRecordPath("open.test")), "{"),
    "RC-CFG-002",
  ],
])("nothing is encrypted anew when %s", async (_, spoil, code) => {
  const root = await makeSealedHost();
  spoil(root);
  const before = snapshotTree(root);
  expect(codeOf(await reseal(passAt(root), 1000))).toBe(code);
  expect(snapshotTree(root)).toEqual(before);
});
