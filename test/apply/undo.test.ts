import { execFileSync } from "node:child_process";
import {
  chownSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { besideNames, sha256, type Intent } from "../../src/apply/journal.ts";
import { discardSecret, sweepBeside, undoIntent } from "../../src/apply/undo.ts";
import { secret } from "../../src/credentials/secret.ts";
import type { Host } from "../../src/host/ports.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeFakeKeychain } from "../support/fake-keychain.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

test.each([
  ["/", [], []],
  ["/srv/image", ["devregistry xl 1"], ['the keychain item "devregistry xl 1" (--root names another system)']],
])("a keychain item that a journal below %s names", async (root, kept, left) => {
  const keychain = makeFakeKeychain();
  keychain.items.set("devregistry xl 1", secret("s3cret-pass"));
  const host: Host = makeFakeHost({ root });
  expect(await discardSecret({ host, keychain }, "devregistry xl 1")).toEqual(left);
  expect([...keychain.items.keys()]).toEqual(kept);
});

const USER = 65_534;

/** A home in which a change of a file was interrupted just behind its rename. */
function interrupted(inPlace = false): { readonly home: string; readonly path: string; readonly intent: Intent } {
  const home = join(makeScratchRoot(), "home");
  const path = join(home, ".docker/config.json");
  const marked = (text: string) => ({ sha256: sha256(Buffer.from(text)), mode: 0o644, uid: USER, gid: USER });
  const step = { kind: "file", path, before: marked("old"), after: marked("new"), inPlace } as const;
  const intent: Intent = { version: 1, id: "abc", command: "enroll", steps: [step] };
  mkdirSync(join(home, ".docker"), { recursive: true });
  for (const [name, text] of [
    [path, "new"],
    [besideNames(intent, 0).old, "old"],
  ] as const) {
    writeFileSync(name, text, { mode: 0o644 });
    chownSync(name, USER, USER);
  }
  for (const directory of [home, join(home, ".docker")]) chownSync(directory, USER, USER);
  return { home, path, intent };
}

test.runIf(process.getuid?.() === 0).each<readonly [string, boolean, (home: string, path: string) => void]>([
  ["removes what was kept beside", false, (home) => rmSync(join(home, ".docker/.regclient-abc-0.old"))],
  [
    "puts a link in the place of the directory",
    false,
    (home) => {
      renameSync(join(home, ".docker"), join(home, "moved"));
      symlinkSync("moved", join(home, ".docker"));
      lchownSync(join(home, ".docker"), USER, USER);
    },
  ],
  [
    "puts a pipe in the place of a file that is written in place",
    true,
    (_, path) => {
      rmSync(path);
      execFileSync("mkfifo", [path]);
    },
  ],
  ["removes a file that is written in place", true, (_, path) => rmSync(path)],
])("a user who %s keeps nothing else from being put back", async (_, inPlace, disturb) => {
  const { home, path, intent } = interrupted(inPlace);
  disturb(home, path);
  const host = makeFakeHost({ root: "/" });
  expect(await undoIntent({ host, keychain: makeFakeKeychain() }, intent)).toEqual([path]);
  await sweepBeside(host, intent);
});

test.runIf(process.getuid?.() === 0)("what is undisturbed is put back, and nothing is left beside it", async () => {
  const { path, intent } = interrupted();
  const host = makeFakeHost({ root: "/" });
  expect(await undoIntent({ host, keychain: makeFakeKeychain() }, intent)).toEqual([]);
  await sweepBeside(host, intent);
  expect(readFileSync(path, "utf8")).toBe("old");
});
