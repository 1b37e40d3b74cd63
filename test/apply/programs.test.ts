import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyChanges, recover } from "../../src/apply/transaction.ts";
import type { Change } from "../../src/change.ts";
import { withPrograms } from "../../src/enrollment/plan-programs.ts";
import type { Host } from "../../src/host/ports.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeFakeKeychain } from "../support/fake-keychain.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const DIRECTORY = "/usr/local/share/ca-certificates";
const OWNER = { mode: 0o644, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

function write(name: string, directory = DIRECTORY): Change {
  const after = { ...OWNER, bytes: Buffer.from(`${name}\n`) };
  return { kind: "file", path: `${directory}/${name}`, before: undefined, after, purpose: "x", internal: false };
}

function remove(name: string): Change {
  const before = { ...OWNER, bytes: Buffer.from(`${name}\n`) };
  return { kind: "file", path: `${DIRECTORY}/${name}`, before, after: undefined, purpose: "x", internal: false };
}

/** A host that says it is at `/`, over a scratch tree; its programs are told what files there are when they run. */
function hostOver(root: string, exitOf: (argv: readonly string[]) => number): { host: Host; ran: string[] } {
  const ran: string[] = [];
  const fake = makeFakeHost({
    root,
    processes: {
      run: async (argv) => {
        const there = ["a.crt", "b.crt"].filter((name) => existsSync(join(root, DIRECTORY, name)));
        ran.push(`${argv.join(" ")}: ${there.join(" ")}`);
        return { code: exitOf(argv), stdout: new Uint8Array(), stderr: "no space left" };
      },
    },
  });
  return { host: { ...fake, files: { ...fake.files, root: "/" } }, ran };
}

test.each([
  ["a new file", [write("a.crt")], ["update-ca-certificates"]],
  ["a file that goes", [remove("a.crt")], ["update-ca-certificates --fresh"]],
  ["one of each", [write("a.crt"), remove("b.crt")], ["update-ca-certificates --fresh"]],
  ["Red Hat", [write("a.crt", "/etc/pki/ca-trust/source/anchors")], ["update-ca-trust"]],
  ["another file", [write("a.crt", "/etc/docker/certs.d/x")], []],
])("what is to be run after %s", (_, changes, programs) => {
  const planned = withPrograms({ changes, notes: [] }, "/").changes;
  expect(planned.slice(0, changes.length)).toEqual(changes);
  expect(planned.slice(changes.length)).toEqual(programs.map((program) => ({ kind: "run-program", program })));
  const elsewhere = withPrograms({ changes, notes: [] }, "/srv/image");
  expect(elsewhere.changes).toEqual(changes);
  expect(elsewhere.notes).toHaveLength(programs.length);
});

test("it is run once the files are there", async () => {
  const root = makeScratchRoot({ [`${DIRECTORY}/b.crt`]: "b.crt\n" });
  const { host, ran } = hostOver(root, () => 0);
  const { changes } = withPrograms({ changes: [write("a.crt")], notes: [] }, "/");
  const applied = await applyChanges({ host, keychain: makeFakeKeychain() }, "enroll x", "ab", changes);
  expect(applied).toMatchObject({ ok: true, value: [] });
  expect(ran).toEqual(["update-ca-certificates: a.crt b.crt"]);
});

test("one that fails undoes the files, and is run again over the old ones", async () => {
  const root = makeScratchRoot({ [`${DIRECTORY}/b.crt`]: "b.crt\n", "/var/lib/x": "" });
  const before = snapshotTree(root);
  const { host, ran } = hostOver(root, (argv) => (argv.includes("--fresh") ? 0 : 1));
  const { changes } = withPrograms({ changes: [write("a.crt")], notes: [] }, "/");
  const applied = await applyChanges({ host, keychain: makeFakeKeychain() }, "enroll x", "ab", changes);
  expect(applied).toMatchObject({ ok: false, problem: { code: "RC-HST-012", exit: 7 } });
  expect(applied.ok ? "" : applied.problem.cause).toContain("ended with 1: no space left");
  expect(ran).toEqual(["update-ca-certificates: a.crt b.crt", "update-ca-certificates --fresh: b.crt"]);
  expect(snapshotTree(root)).toEqual(before);
});

test("one that fails again is told as left, and the files are as before all the same", async () => {
  const root = makeScratchRoot({ [`${DIRECTORY}/b.crt`]: "b.crt\n", "/var/lib/x": "" });
  const before = snapshotTree(root);
  const { host } = hostOver(root, () => 1);
  const { changes } = withPrograms({ changes: [write("a.crt")], notes: [] }, "/");
  const applied = await applyChanges({ host, keychain: makeFakeKeychain() }, "enroll x", "ab", changes);
  expect(applied.ok ? [] : applied.problem.evidence.join("\n")).toContain("what update-ca-certificates --fresh makes");
  expect(applied).toMatchObject({ ok: false, problem: { code: "RC-HST-012" } });
  expect(snapshotTree(root)).toEqual(before);
});

test("after a crash while it ran, the next run undoes the files and runs it again", async () => {
  const root = makeScratchRoot({ [`${DIRECTORY}/b.crt`]: "b.crt\n", "/var/lib/x": "" });
  const before = snapshotTree(root);
  const died = hostOver(root, () => {
    // a killed process leaves the journal as it is now
    const intent = join(root, "/var/lib/regclient/journal/intent.json");
    writeFileSync(join(root, "/saved"), readFileSync(intent));
    return 0;
  });
  const { changes } = withPrograms({ changes: [write("a.crt")], notes: [] }, "/");
  const keychain = makeFakeKeychain();
  expect((await applyChanges({ host: died.host, keychain }, "enroll x", "ab", changes)).ok).toBe(true);
  const saved = readFileSync(join(root, "/saved"));
  const { host, ran } = hostOver(root, () => 0);
  await host.writer.makeDirectory("/var/lib/regclient", { ...OWNER, mode: 0o755 });
  await host.writer.makeDirectory("/var/lib/regclient/journal", { ...OWNER, mode: 0o700 });
  await host.writer.createFile("/var/lib/regclient/journal/intent.json", saved, { ...OWNER, mode: 0o600 });
  await host.writer.removeFile("/saved");
  expect(await recover({ host, keychain })).toMatchObject({ command: "enroll x", outcome: "undone", left: [] });
  expect(ran).toEqual(["update-ca-certificates --fresh: b.crt"]);
  expect(snapshotTree(root)).toEqual(before);
});
