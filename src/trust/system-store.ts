import type { ReadFiles } from "../host/ports.ts";
import type { Certificate } from "./certificate.ts";
import { loadLikeGo } from "./go-pool.ts";

// crypto/x509 root_linux.go: the first of these that exists
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
const MAX_BYTES = 4 * 1024 * 1024;

/** The CAs that Go programs on this host trust for every name; none when there is no bundle. */
export async function readSystemStore(files: ReadFiles): Promise<readonly Certificate[]> {
  for (const path of BUNDLES) {
    const entry = await files.readEntry(await files.resolveLinks(path), MAX_BYTES);
    if (entry.kind !== "file") continue;
    return loadLikeGo(entry.bytes);
  }
  return [];
}
