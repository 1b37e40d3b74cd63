import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reveal } from "../../src/credentials/secret.ts";
import type { SecretStore } from "../../src/credentials/secret-store.ts";
import { readEnrolled, readStoredCredential } from "../../src/enrollment/enrolled.ts";
import { dropLogin } from "../../src/enrollment/login.ts";
import { createLoginChanger } from "../../src/helper/change.ts";
import type { LoginChanger } from "../../src/helper/helper.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, type Ran } from "../support/command-line.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeBrokenKeychain, makeFakeKeychain } from "../support/fake-keychain.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";
import { makeSealedHost, passAt, passwords, readAll } from "../support/sealed-host.ts";

const registry = useRegistry();
const start = { "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" };
const done = { text: "", exit: 0 };
const notFound = { text: "credentials not found in native keychain\n", exit: 1 };

/** A host that is enrolled with the registry, its login sealed. */
async function makeEnrolled(): Promise<string> {
  const root = makeScratchRoot(start);
  const trust = ["--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin", "--no-verify"];
  expect((await runCommand(["enroll", registry.name, ...trust], { root, stdin: "s3cret-pass\n" })).exit).toBe(0);
  return root;
}

function changer(root: string, uid: number, keychain: SecretStore = makeBrokenKeychain("locked")): LoginChanger {
  return createLoginChanger(makeFakeHost({ root, caller: { uid } }), keychain, uid !== 0);
}

async function storedIn(root: string): Promise<readonly [string, string] | undefined> {
  const pass = passAt(root);
  const enrolled = valueOf(await readEnrolled(pass, valueOf(parseRegistryName(registry.name))));
  const stored = valueOf(await readStoredCredential(pass, enrolled));
  return stored && [stored.username, reveal(stored.password)];
}

async function reconcile(root: string): Promise<Ran> {
  return runCommand(["reconcile"], { root });
}

test("root's docker login replaces the host's login, and a reconcile has nothing to put right", async () => {
  const root = await makeEnrolled();
  const request = { server: `https://${registry.name}/v2/`, username: "robot$ci", secret: "\u0000 ö\n" };
  expect(await changer(root, 0).store(request)).toEqual(done);
  expect(await storedIn(root)).toEqual(["robot$ci", "\u0000 ö\n"]);
  const tree = snapshotTree(root);
  expect(await reconcile(root)).toMatchObject({ exit: 0, out: `${registry.name}: as declared\n` });
  expect(await changer(root, 0).store(request)).toEqual(done);
  expect(Object.keys(snapshotTree(root))).toEqual(Object.keys(tree));
});

test("root's docker logout removes it and leaves the helper, and a login after that brings all back", async () => {
  const root = await makeEnrolled();
  const tree = snapshotTree(root);
  expect(await changer(root, 0).erase(registry.name)).toEqual(done);
  expect(await storedIn(root)).toBeUndefined();
  expect(Object.keys(snapshotTree(root)).filter((path) => path.includes("credentials"))).toEqual([]);
  expect(snapshotTree(root)["/root/.docker/config.json"]).toBe(tree["/root/.docker/config.json"]);
  expect(await reconcile(root)).toMatchObject({ exit: 0, out: `${registry.name}: as declared\n` });
  expect(await changer(root, 0).erase(registry.name)).toEqual(notFound);
  const request = { server: registry.name, username: "xl", secret: "s3cret-pass" };
  expect(await changer(root, 0).store(request)).toEqual(done);
  expect(await storedIn(root)).toEqual(["xl", "s3cret-pass"]);
  expect(await reconcile(root)).toMatchObject({ exit: 0, out: `${registry.name}: as declared\n` });
  expect(Object.keys(snapshotTree(root))).toEqual(Object.keys(tree));
});

test.each(["other.test", "docker.io", "https://index.docker.io/v1/", "../x", "two names"])(
  "nothing is stored or erased for %s",
  async (server) => {
    const root = await makeEnrolled();
    const tree = snapshotTree(root);
    const request = { server, username: "xl", secret: "never stored" };
    const refused = await changer(root, 0).store(request);
    expect(refused).toEqual({ exit: 1, text: expect.stringMatching(/^[^\n]+\n$/) as string });
    expect(refused.text).not.toContain("never stored");
    expect(await changer(root, 0).erase(server)).toEqual(notFound);
    expect(snapshotTree(root)).toEqual(tree);
  },
);

test("who is not root has a login of their own, in their own keychain", async () => {
  const root = await makeEnrolled();
  const tree = snapshotTree(root);
  const keychain = makeFakeKeychain();
  const anna = changer(root, 1000, keychain);
  expect(await anna.store({ server: registry.name, username: "anna", secret: "hers" })).toEqual(done);
  expect([...keychain.items.keys()]).toEqual([`own ${registry.name}`]);
  expect(await anna.erase(`https://${registry.name}/`)).toEqual(done);
  expect([...keychain.items.keys()]).toEqual([]);
  const refused = await anna.erase(registry.name);
  expect(refused).toEqual({ exit: 1, text: expect.stringContaining("root removes it: regclient logout") as string });
  expect(await anna.erase("other.test")).toEqual(notFound);
  expect(snapshotTree(root)).toEqual(tree);
});

test("who is not root and has no keychain is told who can", async () => {
  const root = await makeEnrolled();
  const request = { server: registry.name, username: "anna", secret: "hers" };
  const host = makeFakeHost({ root, caller: { uid: 1000 } });
  const none = createLoginChanger(host, makeBrokenKeychain("no bus"), false);
  expect(await none.store(request)).toEqual({ exit: 1, text: expect.stringContaining("changed by root") as string });
  const locked = await changer(root, 1000).store(request);
  expect(locked).toEqual({ exit: 1, text: "regclient: the keychain cannot be used: locked\n" });
  expect(await changer(root, 1000).erase(registry.name)).toMatchObject({ exit: 1 });
});

test("a store that cannot be done says why, and keeps the old login", async () => {
  const root = await makeEnrolled();
  const record = join(root, `/var/lib/regclient/registries/${registry.name}.json`);
  const text = readFileSync(record, "utf8");
  writeFileSync(record, "{");
  const request = { server: registry.name, username: "xl", secret: "never stored" };
  const refused = await changer(root, 0).store(request);
  expect(refused).toEqual({ exit: 1, text: expect.stringMatching(/^regclient: [^\n]+\n$/) as string });
  writeFileSync(record, text);
  expect(await storedIn(root)).toEqual(["xl", "s3cret-pass"]);
  rmSync(join(root, "/etc/regclient"), { recursive: true });
  expect(await changer(root, 0).store(request)).toEqual(done);
  expect(await storedIn(root)).toEqual(["xl", "never stored"]);
});

test("the key of sealed logins goes with the last of them", async () => {
  const root = await makeSealedHost();
  const drop = async (key: string): Promise<readonly string[]> => {
    const options = { keepHelper: false, dryRun: false, lockTimeoutMs: 1000 };
    valueOf(await dropLogin(passAt(root), valueOf(parseRegistryName(key)), options));
    return Object.keys(snapshotTree(root)).filter((path) => path.includes("/credentials"));
  };
  const directory = "/var/lib/regclient/credentials/";
  expect(await drop("devregistry")).toEqual([directory, `${directory}reg.test:5000.sealed`, `${directory}sealing.key`]);
  expect(await readAll(root, ["reg.test:5000"])).toEqual({ "reg.test:5000": passwords["reg.test:5000"] });
  expect(await drop("reg.test:5000")).toEqual([]);
});
