import type { Host } from "../host/ports.ts";
import type { Certificate } from "../trust/certificate.ts";
import { createRegistryClient, type RegistryClient } from "./client.ts";
import { connectTrusting, type Route } from "./connection.ts";
import type { Http } from "./http.ts";
import type { Credentials } from "./token.ts";

/** What a registry is spoken to with, beside the host's own means. */
export interface Opening {
  readonly route: Route;
  /** What is trusted of it, as Docker would trust it. */
  readonly anchors: readonly Certificate[];
  /** None: nobody logs in. */
  readonly credentials: Credentials | undefined;
  /** Other hosts that may be given them, as token servers. */
  readonly allowedRealms: readonly string[];
}

/** A client of one registry with connections of its own, by the host's clock and signal; whoever opens it closes `http`. */
export function openRegistry(
  host: Host,
  { route, anchors, allowedRealms, credentials }: Opening,
): { readonly client: RegistryClient; readonly http: Http } {
  const http = connectTrusting(host, route, anchors);
  const now = (): number => host.clock.now();
  return {
    http,
    client: createRegistryClient({ name: route.name, http, allowedRealms, now, ...(credentials && { credentials }) }),
  };
}
