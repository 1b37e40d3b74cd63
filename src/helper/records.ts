import { registryRecordPath, REGISTRY_RECORDS } from "../enrollment/record-paths.ts";
import type { CredentialPointer } from "../credentials/vault.ts";
import type { ReadFiles } from "../host/ports.ts";

/**
 * Where a registry's login lies, from regclient's records. Read by hand, not by the schema: this program starts at every
 * pull, and a schema library would double that time. Undefined for a registry without a login, or a damaged record.
 */
export async function readPointer(files: ReadFiles, key: string): Promise<CredentialPointer | undefined> {
  const entry = await files.readEntry(registryRecordPath(key));
  if (entry.kind !== "file") return undefined;
  try {
    const record = JSON.parse(Buffer.from(entry.bytes).toString("utf8")) as { credential?: Record<string, unknown> };
    const { vault, item, username } = record.credential ?? {};
    if (typeof item !== "string" || typeof username !== "string") return undefined;
    return vault === "keychain" || vault === "systemd" || vault === "sealed" ? { vault, item, username } : undefined;
  } catch {
    return undefined;
  }
}

/** Keys of the registries that this host is enrolled with. */
export async function listRecords(files: ReadFiles): Promise<readonly string[]> {
  const directory = await files.readEntry(REGISTRY_RECORDS);
  const names = directory.kind === "directory" ? directory.names : [];
  return names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length));
}
