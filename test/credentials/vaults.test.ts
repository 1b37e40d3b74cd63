import { expect, test } from "vitest";
import { reveal, secret } from "../../src/credentials/secret.ts";
import type { SecretStore } from "../../src/credentials/secret-store.ts";
import {
  chooseVault,
  prepareStoring,
  readCredential,
  sealedPaths,
  type Storing,
} from "../../src/credentials/vaults.ts";
import type { Host } from "../../src/host/ports.ts";
import { makeBrokenKeychain, makeFakeKeychain } from "../support/fake-keychain.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeMemoryWorld, type MemoryWorld } from "../support/memory-world.ts";
import { codeOf, valueOf } from "../support/registry-client.ts";

const credential = { username: "xl", password: secret("s3cret-pass") };
const KEY = "k".repeat(32);

function hostOver(world: MemoryWorld, root = "/"): Host {
  return { ...makeFakeHost({ root }), files: { ...world.files, root } };
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
  expect(valueOf(await chooseVault(hostOver(makeMemoryWorld({}), root), keychain, declared))).toBe(vault);
});

test.each([
  ["a keychain that refuses", "/", broken, "Cannot autolaunch D-Bus"],
  ["another system's tree", "/srv/image", working, "--root names another system"],
] as const)("a declared keychain is not quietly replaced: %s", async (_, root, keychain, reason) => {
  const chosen = await chooseVault(hostOver(makeMemoryWorld({}), root), keychain, "keychain");
  expect(codeOf(chosen)).toBe("RC-CRD-002");
  expect(JSON.stringify(chosen)).toContain(reason);
});

async function store(world: MemoryWorld, vault: "keychain" | "sealed"): Promise<Storing> {
  const storing = valueOf(await prepareStoring(hostOver(world), vault, "devregistry", credential));
  for (const { path, bytes } of storing.files) world.write(path, Buffer.from(bytes).toString("latin1"));
  return storing;
}

test("a sealed credential is read back, with the key that was there", async () => {
  const world = makeMemoryWorld({ [sealedPaths.key]: KEY });
  const { pointer, files } = await store(world, "sealed");
  expect(files.map((file) => file.path)).toEqual([
    "/var/lib/regclient/credentials/sealing.key",
    "/var/lib/regclient/credentials/devregistry.sealed",
  ]);
  const read = valueOf(await readCredential(hostOver(world), broken, "devregistry", pointer));
  expect([read.username, reveal(read.password)]).toEqual(["xl", "s3cret-pass"]);
});

test("a keychain item has a new name each time, and is read back", async () => {
  const keychain = makeFakeKeychain();
  const world = makeMemoryWorld({});
  const first = await store(world, "keychain");
  const second = await store(world, "keychain");
  expect(first.pointer.item).not.toBe(second.pointer.item);
  keychain.items.set(first.pointer.item, first.keychainSecret ?? secret(""));
  const read = valueOf(await readCredential(hostOver(world), keychain, "devregistry", first.pointer));
  expect(reveal(read.password)).toBe("s3cret-pass");
});

const sealedPointer = {
  vault: "sealed",
  item: "/var/lib/regclient/credentials/devregistry.sealed",
  username: "xl",
} as const;

test.each([
  ["the key is gone", (world: MemoryWorld) => world.remove(sealedPaths.key), "RC-CRD-003"],
  ["the key is another", (world: MemoryWorld) => world.write(sealedPaths.key, "o".repeat(32)), "RC-CRD-004"],
  ["the file is gone", (world: MemoryWorld) => world.remove(sealedPointer.item), "RC-CRD-004"],
  ["the file was changed", (world: MemoryWorld) => world.write(sealedPointer.item, "{}"), "RC-CRD-004"],
])("a sealed credential cannot be read when %s", async (_, change, code) => {
  const world = makeMemoryWorld({ [sealedPaths.key]: KEY });
  await store(world, "sealed");
  change(world);
  expect(codeOf(await readCredential(hostOver(world), broken, "devregistry", sealedPointer))).toBe(code);
});

test("a credential sealed for one registry does not open for another", async () => {
  const world = makeMemoryWorld({ [sealedPaths.key]: KEY });
  const { pointer } = await store(world, "sealed");
  expect(codeOf(await readCredential(hostOver(world), broken, "other", pointer))).toBe("RC-CRD-004");
});

test.each([
  ["no such item", working, "RC-CRD-004"],
  ["a refusal", broken, "RC-CRD-002"],
])("a keychain that answers with %s gives a problem", async (_, keychain, code) => {
  const pointer = { vault: "keychain", item: "gone", username: "xl" } as const;
  expect(codeOf(await readCredential(hostOver(makeMemoryWorld({})), keychain, "devregistry", pointer))).toBe(code);
});

test("a sealing key of the wrong length is not used", async () => {
  const host = hostOver(makeMemoryWorld({ [sealedPaths.key]: "short" }));
  expect(codeOf(await prepareStoring(host, "sealed", "devregistry", credential))).toBe("RC-CRD-003");
});
