import type { TrustStore } from "./trust-store.ts";

const CERTIFICATES = "/etc/docker/certs.d";

/** Rootful Docker Engine and its command line: every `*.crt` in certs.d/<host[:port]> is a CA, read anew at each use. */
export const dockerTrustStore: TrustStore = {
  id: "docker",
  wants: (name, bundle) =>
    name.aliases.map((alias) => ({
      path: `${CERTIFICATES}/${alias}/ca.crt`,
      bytes: Buffer.from(bundle),
      mode: 0o644,
    })),
};
