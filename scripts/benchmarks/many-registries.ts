import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedRegistry, type EmbeddedRegistry } from "../embedded-registry/server.ts";
import { createKeychain } from "../../src/credentials/keychain.ts";
import { secret } from "../../src/credentials/secret.ts";
import { enroll } from "../../src/enrollment/enroll.ts";
import type { Pass } from "../../src/enrollment/pass.ts";
import { unattended } from "../../src/enrollment/unattended.ts";
import { createNodeHost } from "../../src/host/node-host.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { readCertificates } from "../../src/trust/bundle.ts";
import { showFingerprint } from "../../src/trust/fingerprint.ts";
import { makeSelfSigned } from "../../test/support/self-signed.ts";

/** A tree that is enrolled with registries on this machine. */
export interface ManyRegistries {
  readonly root: string;
  readonly names: readonly string[];
  /** How often what they announce was asked for: once in each pass. */
  countAsked(): number;
  stop(): Promise<void>;
}

const PASSWORD = "measured";

/** Starts `count` registries in this process and enrolls a new tree with all of them, each with a sealed login. */
export async function startManyRegistries(count: number): Promise<ManyRegistries> {
  const tls = makeSelfSigned(["IP:127.0.0.1"]);
  const users = { xl: PASSWORD };
  const running: EmbeddedRegistry[] = [];
  for (let index = 0; index < count; index++)
    running.push(
      await startEmbeddedRegistry({ host: "127.0.0.1", port: 0, tls, auth: "basic", users, deleteEnabled: false }),
    );
  const root = mkdtempSync(join(tmpdir(), "regclient-bench-"));
  for (const path of ["etc", "var/lib"]) mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, "etc/hosts"), "127.0.0.1 localhost\n");
  const names = running.map(({ port }) => `127.0.0.1:${port}`);
  const read = readCertificates(Buffer.from(tls.cert), "the registries' certificate");
  if (!read.ok || read.value[0] === undefined) throw new Error("no certificate");
  const pass = quietPass(root);
  for (const name of names) await enrollWith(pass, name, showFingerprint(read.value[0]));
  return {
    root,
    names,
    countAsked: () =>
      running.flatMap(({ requests }) => requests).filter(({ path }) => path.startsWith("/.well-known/")).length,
    stop: async () => {
      await Promise.all(running.map(async (registry) => registry.close()));
      rmSync(root, { recursive: true });
    },
  };
}

/** A pass over the tree that tells nobody anything. */
export function quietPass(root: string): Pass {
  const nothing = (): void => undefined;
  const host = createNodeHost(root, { colour: false, interactive: false }, new AbortController().signal);
  return {
    host,
    keychain: createKeychain(),
    watch: { begin: nothing, note: nothing, waiting: nothing, recovered: nothing },
  };
}

async function enrollWith(pass: Pass, text: string, fingerprint: string): Promise<void> {
  const name = parseRegistryName(text);
  if (!name.ok) throw new Error(name.problem.cause);
  const overrides = { fingerprints: [fingerprint], username: "xl", vault: "sealed" };
  const request = { ...unattended(name.value, 10), mustBeDeclared: false, overrides, password: secret(PASSWORD) };
  const done = await enroll(pass, request);
  if (!done.ok) throw new Error(`${done.problem.code}: ${done.problem.cause}`);
}
