import { expect, test } from "vitest";
import { inspectFiles, inspectLogin } from "../../src/enrollment/inspect.ts";
import { parseDeclaration, declarationPath } from "../../src/enrollment/declaration.ts";
import { observeRecords } from "../../src/enrollment/observe.ts";
import type { CredentialPointer } from "../../src/credentials/vault.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { secret } from "../../src/credentials/secret.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeBrokenKeychain, makeFakeKeychain } from "../support/fake-keychain.ts";
import { makeMemoryWorld, type MemoryWorld } from "../support/memory-world.ts";
import { CONFIG, enrollIn, type Planned } from "../support/planned-host.ts";
import { valueOf } from "../support/registry-client.ts";

const devregistry: Planned = { name: "devregistry", address: "10.10.62.103", vault: "sealed" };
const DECLARATION = declarationPath("devregistry");
const CA = "/etc/docker/certs.d/devregistry/ca.crt";
const SECOND_CA = "/etc/docker/certs.d/devregistry:443/ca.crt";

async function inspect(world: MemoryWorld, declaration: string): Promise<Readonly<Record<string, string>>> {
  const name = valueOf(parseRegistryName("devregistry"));
  const { state } = valueOf(await observeRecords(world.files, name.key));
  if (state === undefined) throw new Error("it is not enrolled");
  const declared = valueOf(parseDeclaration(declaration, DECLARATION)).declaration;
  const found = await inspectFiles(world.files, { name, state, declaration: declared });
  return Object.fromEntries(found.map((file) => [file.path, file.state]));
}

const asWritten = {
  [DECLARATION]: "as written",
  [CA]: "as written",
  [SECOND_CA]: "as written",
  "/etc/hosts": "as written",
  [CONFIG]: "as written",
};

function edit(world: MemoryWorld, path: string, from: string | RegExp, to: string): void {
  world.write(path, (world.read(path) ?? "").replace(from, to));
}

test.each<readonly [string, (world: MemoryWorld) => void, Readonly<Record<string, string>>]>([
  ["nothing", () => undefined, {}],
  ["other lines of shared files", (world) => edit(world, "/etc/hosts", /^/, "192.0.2.1 theirs\n"), {}],
  ["a certificate", (world) => world.write(CA, "theirs"), { [CA]: "changed" }],
  ["a certificate, which is gone", (world) => world.remove(CA), { [CA]: "missing" }],
  ["the declaration", (world) => edit(world, DECLARATION, /$/, "# mine\n"), { [DECLARATION]: "changed" }],
  [
    "the address of the alias",
    (world) => edit(world, "/etc/hosts", "10.10.62.103", "10.0.0.9"),
    { "/etc/hosts": "changed" },
  ],
  ["the alias, which is gone", (world) => world.write("/etc/hosts", ""), { "/etc/hosts": "changed" }],
  ["the helper, which is gone", (world) => world.write(CONFIG, "{}"), { [CONFIG]: "changed" }],
  ["the helper of one name", (world) => edit(world, CONFIG, /"regclient"/, '"pass"'), { [CONFIG]: "changed" }],
  ["a config that is no JSON any more", (world) => world.write(CONFIG, "{ theirs"), { [CONFIG]: "changed" }],
  ["a config that is gone", (world) => world.remove(CONFIG), { [CONFIG]: "missing" }],
])("after somebody changed %s", async (_, change, differs) => {
  const world = makeMemoryWorld({});
  await enrollIn(world, devregistry);
  const declaration = world.read(DECLARATION) ?? "";
  change(world);
  expect(await inspect(world, declaration)).toEqual({ ...asWritten, ...differs });
});

test("a file that may not be read is told apart from one that is gone", async () => {
  const world = makeMemoryWorld({});
  await enrollIn(world, devregistry);
  const declaration = world.read(DECLARATION) ?? "";
  const locked: MemoryWorld = {
    ...world,
    files: {
      ...world.files,
      readEntry: async (path) =>
        path === CONFIG ? { kind: "unreadable", reason: "EACCES" } : world.files.readEntry(path),
    },
  };
  expect(await inspect(locked, declaration)).toEqual({ ...asWritten, [CONFIG]: "unreadable" });
});

const inFile: CredentialPointer = { vault: "sealed", item: "/var/lib/regclient/credentials/x.sealed", username: "xl" };
const inKeychain: CredentialPointer = { vault: "keychain", item: "x xl 1", username: "xl" };
const keychain = makeFakeKeychain();
keychain.items.set("x xl 1", secret("s3cret-pass"));

test.each([
  ["a sealed file", inFile, { [inFile.item]: "{}" }, keychain, "/", "stored"],
  ["a sealed file that is gone", inFile, {}, keychain, "/", "missing"],
  ["something else in its place", inFile, { [`${inFile.item}/x`]: "" }, keychain, "/", "unreadable"],
  ["a keychain item", inKeychain, {}, keychain, "/", "stored"],
  ["a keychain item that is gone", { ...inKeychain, item: "y" }, {}, keychain, "/", "missing"],
  ["a keychain that refuses", inKeychain, {}, makeBrokenKeychain("locked"), "/", "unreadable"],
  ["the keychain of another system", inKeychain, {}, keychain, "/srv/image", "unreadable"],
] as const)("a login in %s", async (_, pointer, files, store, root, state) => {
  const host = { ...makeFakeHost({ root: "/" }), files: { ...makeMemoryWorld(files).files, root } };
  expect(await inspectLogin({ host, keychain: store }, pointer)).toBe(state);
});
