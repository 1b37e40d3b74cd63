import { mkdirSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import type { Identity } from "../../support/pki.ts";
import type { ClientLab } from "./client-lab.ts";
import { login } from "./client-lab.ts";
import type { RunningCommand } from "./command.ts";

/** What a registry of its own is to be like. */
export interface OwnRegistry {
  readonly identity: Identity;
  readonly port: number;
  /** `storage.maintenance.readonly` of Distribution. */
  readonly readOnly?: boolean;
}

/** Starts a plain docker-registry with TLS, without nginx, on the registry host; it asks for the login. */
export async function startOwnRegistry(
  lab: ClientLab,
  { identity, port, readOnly = false }: OwnRegistry,
): Promise<RunningCommand> {
  const folder = `/var/lib/own-${port}`;
  const place = (name: string, text: string): string => {
    writeFileSync(lab.registry.path(`${folder}/${name}`), text);
    return `${folder}/${name}`;
  };
  mkdirSync(lab.registry.path(folder));
  const chain = [identity.certificate, ...identity.issuers].map(({ pem }) => pem).join("");
  const made = await lab.registry.run(["htpasswd", "-B", "-C", "4", "-i", "-n", login.username], {
    stdin: `${login.password}\n`,
  });
  const config = place(
    "config.yml",
    stringify({
      version: 0.1,
      storage: { filesystem: { rootdirectory: `${folder}/data` }, maintenance: { readonly: { enabled: readOnly } } },
      auth: { htpasswd: { realm: "own", path: place("htpasswd", made.stdout) } },
      http: {
        addr: `10.10.62.103:${port}`,
        tls: { certificate: place("cert.pem", chain), key: place("key.pem", identity.keyPem) },
      },
    }),
  );
  const running = await lab.registry.start(["docker-registry", "serve", config]);
  const ask = ["curl", "--insecure", "--silent", "--retry-connrefused", "--retry", "50", "--retry-delay", "0"];
  const { code } = await lab.registry.run([...ask, `https://10.10.62.103:${port}/v2/`]);
  if (code !== 0) throw new Error(`the registry on port ${port} did not start:\n${running.output()}`);
  return running;
}
