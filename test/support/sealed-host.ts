import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { reveal, secret } from "../../src/credentials/secret.ts";
import type { VaultMeans } from "../../src/credentials/vault.ts";
import { prepareStoring, readCredential } from "../../src/credentials/vaults.ts";
import type { Pass } from "../../src/enrollment/pass.ts";
import { registryRecordPath } from "../../src/enrollment/record-paths.ts";
import { readPointer } from "../../src/helper/records.ts";
import { makeFakeHost } from "./fake-host.ts";
import { makeBrokenKeychain } from "./fake-keychain.ts";
import { valueOf } from "./registry-client.ts";
import { makeScratchRoot } from "./scratch-root.ts";

/** By registry, what `makeSealedHost` has sealed. */
export const passwords = { devregistry: "s3cret \u0000 ö", "reg.test:5000": "another" } as const;
const keychain = makeBrokenKeychain("no keychain");

/** What a command on the host below `root` works with. */
export function passAt(root: string): Pass {
  const nothing = (): void => undefined;
  return {
    host: makeFakeHost({ root }),
    keychain,
    watch: { begin: nothing, note: nothing, waiting: nothing, recovered: nothing },
  };
}

/** A host with two sealed logins, and one registry whose login lies elsewhere. */
export async function makeSealedHost(): Promise<string> {
  const root = makeScratchRoot();
  const means: VaultMeans = { host: makeFakeHost({ root }), keychain };
  const put = (path: string, bytes: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes, { mode: 0o600 });
  };
  for (const [key, text] of Object.entries(passwords)) {
    const storing = await prepareStoring(means, "sealed", key, { username: "xl", password: secret(text) });
    for (const { path, bytes } of valueOf(storing).files) put(path, bytes);
    put(registryRecordPath(key), recordOf(key, valueOf(storing).pointer));
  }
  put(registryRecordPath("open.test"), recordOf("open.test", undefined));
  put(registryRecordPath("kept.test"), recordOf("kept.test", { vault: "keychain", item: "kept", username: "xl" }));
  return root;
}

/** The record of a registry, as enrolling writes it. */
export function recordOf(registry: string, credential: object | undefined): string {
  const enrolledAt = "2026-01-01T00:00:00Z";
  return JSON.stringify({ version: 1, registry, enrolledAt, anchors: [], credential, dockerConfigs: [], files: [] });
}

/** What the helper would find, by registry. */
export async function readAll(
  root: string,
  keys: readonly string[] = Object.keys(passwords),
): Promise<Readonly<Record<string, string>>> {
  const means: VaultMeans = { host: makeFakeHost({ root }), keychain };
  const found: Record<string, string> = {};
  for (const key of keys) {
    const pointer = await readPointer(means.host.files, key);
    if (pointer === undefined) throw new Error(`no record of ${key}`);
    found[key] = reveal(valueOf(await readCredential(means, key, pointer)).password);
  }
  return found;
}
