import { expect, test } from "vitest";
import { reveal, secret } from "../../src/credentials/secret.ts";
import type { SecretStore } from "../../src/credentials/secret-store.ts";
import type { Storing, VaultId, VaultMeans } from "../../src/credentials/vault.ts";
import { chooseVault, prepareStoring, readCredential } from "../../src/credentials/vaults.ts";
import { SEALING_KEY } from "../../src/credentials/vaults/sealed-vault.ts";
import type { Host, Processes, ProcessResult } from "../../src/host/ports.ts";
import { makeBrokenKeychain, makeFakeKeychain } from "../support/fake-keychain.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeMemoryWorld, type MemoryWorld } from "../support/memory-world.ts";
import { codeOf, valueOf } from "../support/registry-client.ts";

const credential = { username: "xl", password: secret("s3cret-pass") };
const KEY = "k".repeat(32);

function hostOver(world: MemoryWorld, root = "/"): Host {
  return { ...makeFakeHost({ root }), files: { ...world.files, root } };
}

function meansOver(world: MemoryWorld, keychain: SecretStore = broken, root = "/"): VaultMeans {
  return { host: hostOver(world, root), keychain };
}

/** Stands for systemd-creds: `encrypt` turns its input round, `decrypt` only under the same name. */
const systemdCreds: Processes = {
  run: async ([, action, name = ""], { input }) => {
    if (action === "--version") return done("systemd 252 (252.39-1)\n");
    const text = Buffer.from(input).toString("utf8");
    if (action === "encrypt") return done(JSON.stringify([name, text]));
    const [sealedName, plain] = JSON.parse(text) as [string, string];
    return name === sealedName ? done(plain) : { code: 1, stdout: new Uint8Array(), stderr: "refusing" };
  },
};

function done(text: string): ProcessResult {
  return { code: 0, stdout: Buffer.from(text), stderr: "" };
}

function withSystemd(means: VaultMeans): VaultMeans {
  return { ...means, host: { ...means.host, processes: systemdCreds } };
}

const working: SecretStore = makeFakeKeychain();
const broken: SecretStore = makeBrokenKeychain("Cannot autolaunch D-Bus");

test.each([
  ["auto", "/", working, "keychain"],
  ["auto", "/", broken, "sealed"],
  ["auto", "/srv/image", working, "sealed"],
  ["keychain", "/", working, "keychain"],
  ["sealed", "/", working, "sealed"],
  ["sealed", "/", broken, "sealed"],
] as const)("declared %s, below %s: %o chooses %s", async (declared, root, keychain, vault) => {
  expect(valueOf(await chooseVault(meansOver(makeMemoryWorld({}), keychain, root), declared))).toBe(vault);
});

test.each([
  ["a keychain that refuses", "/", broken, "Cannot autolaunch D-Bus"],
  ["another system's tree", "/srv/image", working, "--root names another system"],
] as const)("a declared keychain is not quietly replaced: %s", async (_, root, keychain, reason) => {
  const chosen = await chooseVault(meansOver(makeMemoryWorld({}), keychain, root), "keychain");
  expect(codeOf(chosen)).toBe("RC-CRD-002");
  expect(JSON.stringify(chosen)).toContain(reason);
});

async function store(world: MemoryWorld, vault: VaultId): Promise<Storing> {
  const storing = valueOf(await prepareStoring(withSystemd(meansOver(world)), vault, "devregistry", credential));
  for (const { path, bytes } of storing.files) world.write(path, Buffer.from(bytes).toString("latin1"));
  return storing;
}

test("a sealed credential is read back, with the key that was there", async () => {
  const world = makeMemoryWorld({ [SEALING_KEY]: KEY });
  const { pointer, files } = await store(world, "sealed");
  expect(files.map((file) => file.path)).toEqual([
    "/var/lib/regclient/credentials/sealing.key",
    "/var/lib/regclient/credentials/devregistry.sealed",
  ]);
  const read = valueOf(await readCredential(meansOver(world), "devregistry", pointer));
  expect([read.username, reveal(read.password)]).toEqual(["xl", "s3cret-pass"]);
});

test("a keychain item has a new name each time, and is read back", async () => {
  const keychain = makeFakeKeychain();
  const world = makeMemoryWorld({});
  const first = await store(world, "keychain");
  const second = await store(world, "keychain");
  expect(first.pointer.item).not.toBe(second.pointer.item);
  keychain.items.set(first.pointer.item, first.keychainSecret ?? secret(""));
  const read = valueOf(await readCredential(meansOver(world, keychain), "devregistry", first.pointer));
  expect(reveal(read.password)).toBe("s3cret-pass");
});

const sealedPointer = {
  vault: "sealed",
  item: "/var/lib/regclient/credentials/devregistry.sealed",
  username: "xl",
} as const;

test.each([
  ["the key is gone", (world: MemoryWorld) => world.remove(SEALING_KEY), "RC-CRD-003"],
  ["the key is another", (world: MemoryWorld) => world.write(SEALING_KEY, "o".repeat(32)), "RC-CRD-004"],
  ["the file is gone", (world: MemoryWorld) => world.remove(sealedPointer.item), "RC-CRD-004"],
  ["the file was changed", (world: MemoryWorld) => world.write(sealedPointer.item, "{}"), "RC-CRD-004"],
])("a sealed credential cannot be read when %s", async (_, change, code) => {
  const world = makeMemoryWorld({ [SEALING_KEY]: KEY });
  await store(world, "sealed");
  change(world);
  expect(codeOf(await readCredential(meansOver(world), "devregistry", sealedPointer))).toBe(code);
});

test("a credential sealed for one registry does not open for another", async () => {
  const world = makeMemoryWorld({ [SEALING_KEY]: KEY });
  const { pointer } = await store(world, "sealed");
  expect(codeOf(await readCredential(meansOver(world), "other", pointer))).toBe("RC-CRD-004");
});

test.each([
  ["no such item", working, "RC-CRD-004"],
  ["a refusal", broken, "RC-CRD-002"],
])("a keychain that answers with %s gives a problem", async (_, keychain, code) => {
  const pointer = { vault: "keychain", item: "devregistry xl gone", username: "xl" } as const;
  expect(codeOf(await readCredential(meansOver(makeMemoryWorld({}), keychain), "devregistry", pointer))).toBe(code);
});

test.each([
  ["of another registry", "other.test xl 1"],
  ["of a registry whose name begins alike", "devregistry:5000 xl 1"],
  ["of a person", "own devregistry"],
])("a record cannot have a keychain item read that is %s", async (_, item) => {
  const keychain = makeFakeKeychain();
  keychain.items.set(item, secret("not for a record"));
  const pointer = { vault: "keychain", item, username: "xl" } as const;
  expect(codeOf(await readCredential(meansOver(makeMemoryWorld({}), keychain), "devregistry", pointer))).toBe(
    "RC-CRD-004",
  );
});

test("a record below another root has this system neither read its keychain nor decrypt", async () => {
  const keychain = makeFakeKeychain();
  const world = makeMemoryWorld({});
  const [kept, encrypted] = [await store(world, "keychain"), await store(world, "systemd")];
  keychain.items.set(kept.pointer.item, secret("s3cret-pass"));
  for (const { pointer } of [kept, encrypted]) {
    const read = (root: string) =>
      readCredential(withSystemd(meansOver(world, keychain, root)), "devregistry", pointer);
    expect(codeOf(await read("/srv/image"))).toBe("RC-CRD-004");
    expect(reveal(valueOf(await read("/")).password)).toBe("s3cret-pass");
  }
});

test("a sealing key of the wrong length is not used", async () => {
  const means = meansOver(makeMemoryWorld({ [SEALING_KEY]: "short" }));
  expect(codeOf(await prepareStoring(means, "sealed", "devregistry", credential))).toBe("RC-CRD-003");
});

test.each([
  ["auto", "/", "systemd"],
  ["systemd", "/", "systemd"],
  ["auto", "/srv/image", "sealed"],
] as const)("with systemd-creds and no session, %s below %s chooses %s", async (declared, root, vault) => {
  const means = withSystemd(meansOver(makeMemoryWorld({}), broken, root));
  expect(valueOf(await chooseVault(means, declared))).toBe(vault);
});

test("a declared systemd-creds that is not there, or is too old, is a problem", async () => {
  const means = meansOver(makeMemoryWorld({}));
  expect(codeOf(await chooseVault(means, "systemd"))).toBe("RC-CRD-007");
  const old = { ...means, host: { ...means.host, processes: { run: async () => done("systemd 247 (247.3)\n") } } };
  expect(JSON.stringify(await chooseVault(old, "systemd"))).toContain("systemd 247 is older than 250");
});

test("what systemd-creds encrypted is read back, for that registry alone", async () => {
  const world = makeMemoryWorld({});
  const { pointer } = await store(world, "systemd");
  const means = withSystemd(meansOver(world));
  expect(reveal(valueOf(await readCredential(means, "devregistry", pointer)).password)).toBe("s3cret-pass");
  expect(codeOf(await readCredential(means, "other", pointer))).toBe("RC-CRD-004");
});
