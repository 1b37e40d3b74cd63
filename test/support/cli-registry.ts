import { afterAll, beforeAll } from "vitest";
import { startEmbeddedRegistry, type EmbeddedRegistry } from "../../scripts/embedded-registry/server.ts";
import { parseCertificate } from "../../src/trust/certificate.ts";
import { showFingerprint } from "../../src/trust/fingerprint.ts";
import { makeSelfSigned, type KeyPair } from "./self-signed.ts";
import { readPem } from "./read-pem.ts";
import { valueOf } from "./registry-client.ts";

/** A registry on 127.0.0.1 that all tests of a file share. */
export interface CliRegistry {
  /** As `enroll` takes it. */
  readonly name: string;
  readonly tls: KeyPair;
  /** `sha256:…` of its certificate. */
  readonly fingerprint: string;
  readonly requests: EmbeddedRegistry["requests"];
  /** How many connections came. */
  connections(): number;
  replaceCertificate(tls: KeyPair): void;
}

/** Starts a registry with the user xl, password s3cret-pass, before the tests of this file, and stops it after them. */
export function useRegistry(more: { readonly clientCa?: string } = {}): CliRegistry {
  let started: CliRegistry & { close(): Promise<void> };
  beforeAll(async () => {
    const tls = makeSelfSigned(["IP:127.0.0.1"]);
    const users = { xl: "s3cret-pass" };
    const registry = await startEmbeddedRegistry({
      host: "127.0.0.1",
      port: 0,
      deleteEnabled: true,
      tls,
      auth: "basic",
      users,
      ...more,
    });
    const fingerprint = showFingerprint(valueOf(parseCertificate(readPem(tls.cert))));
    started = { ...registry, name: `127.0.0.1:${registry.port}`, tls, fingerprint };
  });
  afterAll(() => started.close());
  return {
    get name() {
      return started.name;
    },
    get tls() {
      return started.tls;
    },
    get fingerprint() {
      return started.fingerprint;
    },
    get requests() {
      return started.requests;
    },
    connections: () => started.connections(),
    replaceCertificate: (tls) => started.replaceCertificate(tls),
  };
}
