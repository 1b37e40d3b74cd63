import { stringify } from "yaml";
import type { Settings } from "./settings.ts";

/** The configuration of Distribution 2.x (docs: configuration reference) that stores below `folder` and listens on `listen`. */
export function writeRegistryConfig(settings: Settings, folder: string, listen: string): string {
  return stringify({
    version: 0.1,
    log: { level: "info", accesslog: { disabled: true }, formatter: "text", fields: { service: "devregistry" } },
    storage: {
      cache: { blobdescriptor: "inmemory" },
      filesystem: { rootdirectory: folder },
      delete: { enabled: settings.allowDelete },
    },
    http: { addr: listen, secret: settings.httpSecret, headers: { "X-Content-Type-Options": ["nosniff"] } },
    health: { storagedriver: { enabled: true, interval: "10s", threshold: 3 } },
  });
}
