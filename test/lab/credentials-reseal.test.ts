import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { whileLocked } from "../../src/apply/locked.ts";
import { SEALING_KEY } from "../../src/credentials/vaults/sealed-vault.ts";
import { success } from "../../src/result.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";
import { makeSealedHost, passAt, passwords, readAll } from "../support/sealed-host.ts";
import { requireLab } from "./lab.ts";

requireLab();

const work = resolve(import.meta.dirname, "support/kill-main.ts");

test("killed at any step, the logins are all under the old key or all under the new one after the next run", async () => {
  const start = await makeSealedHost();
  const tree = snapshotTree(start);
  let kills = 0;
  for (let at = 1; ; at += 1) {
    for (const torn of [false, true]) {
      const root = makeScratchRoot();
      cpSync(start, root, { recursive: true });
      const point = { root, stdin: "", vault: "sealed", at, torn };
      const child = spawn(process.execPath, [work, JSON.stringify(point), "reseal"], { stdio: "ignore" });
      const [, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
      if (signal === "SIGKILL") kills += 1;
      const pass = passAt(root);
      valueOf(await whileLocked(pass, 1000, pass.watch, async () => success(undefined)));
      expect(await readAll(root)).toEqual(passwords);
      expect(Object.keys(snapshotTree(root))).toEqual(Object.keys(tree));
      const isOld = readFileSync(join(root, SEALING_KEY)).equals(readFileSync(join(start, SEALING_KEY)));
      if (isOld) expect(snapshotTree(root)).toEqual(tree);
      if (signal !== "SIGKILL") {
        expect({ isOld, enough: kills > 10 }).toEqual({ isOld: false, enough: true });
        return;
      }
    }
  }
});
