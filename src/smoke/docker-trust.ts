import type { ReadFiles } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import type { Certificate } from "../trust/certificate.ts";
import { loadLikeGo } from "../trust/go-pool.ts";
import { readSystemStore } from "../trust/system-store.ts";

/**
 * What the Docker Engine trusts for images of this registry: every `*.crt` in certs.d under the name that stands in the
 * image reference (moby: daemon/pkg/registry), and the system's CAs.
 */
export async function readDockerTrust(files: ReadFiles, name: RegistryName): Promise<readonly Certificate[]> {
  const directory = `/etc/docker/certs.d/${name.referencePrefix}`;
  const listing = await files.readEntry(await files.resolveLinks(directory));
  const names = listing.kind === "directory" ? listing.names.filter((each) => each.endsWith(".crt")) : [];
  const found: Certificate[] = [];
  for (const each of names) {
    const entry = await files.readEntry(await files.resolveLinks(`${directory}/${each}`));
    if (entry.kind === "file") found.push(...loadLikeGo(entry.bytes));
  }
  // some hundred system certificates are read only where nothing was installed
  return found.length > 0 ? found : readSystemStore(files);
}
