import { reveal } from "../credentials/secret.ts";
import type { RuntimeCase, RuntimeFile } from "./runtime.ts";

/**
 * What belongs into one directory of Docker's layout: `ca.crt`, unless the system's CAs vouch, and a client certificate
 * as `client.cert` with its key beside it, where there is one. Whoever may not read the key cannot use the registry, so it
 * is the owner's alone.
 */
export function certificateFiles(
  directory: string,
  { bundle, client }: Pick<RuntimeCase, "bundle" | "client">,
  owner?: RuntimeFile["owner"],
): readonly RuntimeFile[] {
  const owned = owner === undefined ? {} : { owner };
  const ca = { path: `${directory}/ca.crt`, bytes: Buffer.from(bundle), mode: 0o644, ...owned };
  const { certFile, keyFile } = clientPaths(directory);
  return [
    ...(bundle === "" ? [] : [ca]),
    ...(client === undefined
      ? []
      : [
          {
            path: certFile,
            bytes: Buffer.from(client.chain),
            mode: 0o644,
            holds: "client certificate",
            ...owned,
          } as const,
          {
            path: keyFile,
            bytes: Buffer.from(reveal(client.key)),
            mode: 0o600,
            holds: "client key",
            ...owned,
          } as const,
        ]),
  ];
}

/** Where a client certificate lies in a directory. */
export function clientPaths(directory: string): { readonly certFile: string; readonly keyFile: string } {
  return { certFile: `${directory}/client.cert`, keyFile: `${directory}/client.key` };
}
