import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, type Ran } from "../support/command-line.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const registry = useRegistry();
const PASSWD = "root:x:0:0:root:/root:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n";

function configOf(username: string, password: string): string {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return `{"auths":{"${registry.name}":{"auth":"${auth}"},"other.test":{"auth":"a2VlcDptZQ=="}}}\n`;
}

function makeRoot(own: string, bobs?: string): string {
  return makeScratchRoot({
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/passwd": PASSWD,
    "/var/lib/x": "",
    "/root/.docker/config.json": own,
    ...(bobs !== undefined && { "/home/bob/.docker/config.json": bobs }),
  });
}

async function enroll(root: string, more: readonly string[], answers?: readonly string[]): Promise<Ran> {
  const argv = ["enroll", registry.name, "--fingerprint", registry.fingerprint, "--no-verify", ...more];
  return runCommand(argv, { root, ...(answers && { answers }) });
}

test("a login in config.json goes into the vault, and nothing else in the file is touched", async () => {
  const root = makeRoot(configOf("xl", "s3cret-pass"));
  expect(await enroll(root, ["--migrate"])).toMatchObject({ exit: 0 });
  const after = readFileSync(join(root, "root/.docker/config.json"), "utf8");
  expect(after).toContain('"other.test":{"auth":"a2VlcDptZQ=="}');
  expect(JSON.stringify(snapshotTree(root))).not.toContain(Buffer.from("xl:s3cret-pass").toString("base64"));
  const helper = `"${registry.name}":"regclient"`;
  expect(after.replaceAll(" ", "")).toContain(helper);
});

test("another user's login is somebody's only copy, and stays", async () => {
  const bobs = configOf("bob", "bobs-own");
  const root = makeRoot(configOf("xl", "s3cret-pass"), bobs);
  const done = await enroll(root, ["--migrate", "--user", "bob"]);
  expect(done).toMatchObject({ exit: 0 });
  expect(done.err).toContain("/home/bob/.docker/config.json holds another login, of bob");
  expect(readFileSync(join(root, "home/bob/.docker/config.json"), "utf8")).toContain(
    Buffer.from("bob:bobs-own").toString("base64"),
  );
});

test("without the word for it, it is told and left", async () => {
  const root = makeRoot(configOf("xl", "s3cret-pass"));
  const before = snapshotTree(root);
  const done = await enroll(root, ["--dry-run"]);
  expect(done.err).toContain("--migrate moves it into the vault");
  expect(snapshotTree(root)).toEqual(before);
});

test("a person is asked for each file", async () => {
  const root = makeRoot(configOf("xl", "s3cret-pass"));
  const done = await enroll(root, [], ["y"]);
  expect(done).toMatchObject({ exit: 0 });
  expect(done.questions[0]?.text).toContain("Move it into the vault");
  expect(readFileSync(join(root, "root/.docker/config.json"), "utf8")).not.toContain("eGw6");
});

test("a login that the registry refuses is not moved", async () => {
  const root = makeRoot(configOf("xl", "wrong"));
  const before = snapshotTree(root);
  expect(await enroll(root, ["--migrate"])).toMatchObject({ exit: 4 });
  expect(snapshotTree(root)).toEqual(before);
});

test("a config that is no JSON is refused before anything is changed", async () => {
  const root = makeRoot("{ not json");
  const before = snapshotTree(root);
  expect(await enroll(root, ["--migrate"])).toMatchObject({ exit: 2 });
  expect(snapshotTree(root)).toEqual(before);
  writeFileSync(join(root, "root/.docker/config.json"), "{}");
});
