/** Directory of what is remembered of each registry. */
export const REGISTRY_RECORDS = "/var/lib/regclient/registries";

/** Path of the record of the registry with this key. */
export function registryRecordPath(key: string): string {
  return `${REGISTRY_RECORDS}/${key}.json`;
}

/** Path of how the last recorded verification of the registry with this key went. */
export function verificationRecordPath(key: string): string {
  return `/var/lib/regclient/verifications/${key}.json`;
}
