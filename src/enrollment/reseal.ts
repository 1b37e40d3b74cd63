import { whileLocked } from "../apply/locked.ts";
import { makeSealingKey } from "../credentials/sealed.ts";
import type { CredentialPointer } from "../credentials/vault.ts";
import { sealCredential, SEALING_KEY } from "../credentials/vaults/sealed-vault.ts";
import { readCredential } from "../credentials/vaults.ts";
import { parseRegistryName } from "../registry/name.ts";
import { success, type Result } from "../result.ts";
import type { FileChange } from "../change.ts";
import { commitPlan } from "./commit.ts";
import { listEnrolled, observeRecords } from "./observe.ts";
import type { Pass } from "./pass.ts";

/**
 * Makes a new key for the sealed logins of this host and encrypts each of them anew, all or none. Gives the keys of the
 * registries whose login that was; logins in other vaults are not touched.
 */
export async function reseal(pass: Pass, lockTimeoutMs: number): Promise<Result<readonly string[]>> {
  return whileLocked(pass, lockTimeoutMs, pass.watch, async () => {
    const sealed = await listSealed(pass);
    if (!sealed.ok || sealed.value.length === 0) return sealed.ok ? success([]) : sealed;
    const sealingKey = makeSealingKey();
    const files = new Map<string, Uint8Array>([[SEALING_KEY, sealingKey]]);
    for (const { key, pointer } of sealed.value) {
      const credential = await readCredential(pass, key, pointer);
      if (!credential.ok) return credential;
      files.set(pointer.item, sealCredential(sealingKey, key, credential.value));
    }
    const plan = { changes: await changesFor(pass, files), notes: [] };
    const committed = await commitPlan(pass, "reseal", plan);
    return committed.ok ? success(sealed.value.map(({ key }) => key)) : committed;
  });
}

interface Sealed {
  readonly key: string;
  readonly pointer: CredentialPointer;
}

async function listSealed(pass: Pass): Promise<Result<readonly Sealed[]>> {
  const found: Sealed[] = [];
  for (const key of await listEnrolled(pass.host.files)) {
    const name = parseRegistryName(key);
    if (!name.ok) continue;
    const records = await observeRecords(pass.host.files, key);
    if (!records.ok) return records;
    const pointer = records.value.state?.credential;
    if (pointer?.vault === "sealed") found.push({ key, pointer });
  }
  return success(found);
}

async function changesFor(pass: Pass, files: ReadonlyMap<string, Uint8Array>): Promise<readonly FileChange[]> {
  const changes: FileChange[] = [];
  for (const [path, bytes] of files) {
    const entry = await pass.host.files.readEntry(path);
    if (entry.kind !== "file") continue;
    const { mode, uid, gid } = entry;
    const before = { bytes: entry.bytes, mode, uid, gid };
    changes.push({
      kind: "file",
      path,
      before,
      after: { ...before, bytes },
      purpose: "encrypted login",
      internal: true,
    });
  }
  return changes;
}
