import { beforeAll, expect, onTestFinished, test } from "vitest";
import {
  startEmbeddedRegistry,
  type EmbeddedRegistry,
  type EmbeddedRegistryOptions,
} from "../../scripts/embedded-registry/server.ts";
import { secret } from "../../src/credentials/secret.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import type { Check, VerificationReport } from "../../src/smoke/report.ts";
import { verifyRegistry, type VerifyRequest } from "../../src/smoke/verify.ts";
import { parseCertificate } from "../../src/trust/certificate.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { readPem } from "../support/read-pem.ts";
import { makeClient, makeHttp, valueOf } from "../support/registry-client.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";
import { makeSelfSigned, type KeyPair } from "../support/self-signed.ts";

const SIZE = 3_000_000;
const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
let tls: KeyPair;

beforeAll(() => {
  tls = makeSelfSigned(["IP:127.0.0.1", "DNS:reg.test"]);
});

async function start(changes: Partial<EmbeddedRegistryOptions> = {}): Promise<EmbeddedRegistry> {
  const allow = (user: string, _: string, action: string): boolean => user === "xl" || action === "pull";
  const users = { xl: "pass", reader: "pass" };
  const fixed = { host: "127.0.0.1", port: 0, deleteEnabled: true, tls, auth: "basic", users, allow } as const;
  const registry = await startEmbeddedRegistry({ ...fixed, ...changes });
  onTestFinished(() => registry.close());
  return registry;
}

interface Ran {
  readonly report: VerificationReport;
  readonly checks: Readonly<Record<string, Check | undefined>>;
  /** What changed something, or was to. */
  readonly writes: readonly string[];
}

async function verify(
  registry: EmbeddedRegistry,
  changes: Partial<VerifyRequest> & { readonly username?: string; readonly signal?: AbortSignal } = {},
): Promise<Ran> {
  const { username = "xl", signal, ...rest } = changes;
  const host = makeFakeHost({ root: makeScratchRoot() });
  const seen = registry.requests.length;
  const report = await verifyRegistry(signal === undefined ? host : { ...host, signal }, {
    route: { name: valueOf(parseRegistryName(`127.0.0.1:${registry.port}`)), address: undefined },
    credential: { username, password: secret("pass") },
    loginProved: false,
    allowedRealms: [],
    roots: [valueOf(parseCertificate(readPem(tls.cert)))],
    mode: "push-pull",
    repository: "team/smoke",
    via: "direct",
    begin: () => undefined,
    ...rest,
  });
  const checks = report.ways.flatMap((way) => way.checks);
  const writes = registry.requests.slice(seen).filter(({ method }) => method !== "GET" && method !== "HEAD");
  return {
    report,
    checks: Object.fromEntries(checks.map((check) => [check.name, check])),
    writes: writes.map(({ method, path }) => `${method} ${path.replace(/(uploads|manifests)\/.*/, "$1")}`),
  };
}

test("a large artifact goes as a stream, in the way of an engine, and is measured", async () => {
  let arrived = 0;
  const registry = await start({ onChunk: (bytes) => (arrived += bytes) });
  const { report, checks, writes } = await verify(registry, { size: SIZE });
  expect(report.ok).toBe(true);
  // and the two bytes of the config
  expect(arrived).toBe(SIZE + 2);
  expect(writes.filter((each) => each.startsWith("PATCH"))).toHaveLength(1);
  expect(checks["push"]?.transfer).toMatchObject({ bytes: SIZE });
  expect(checks["pull"]?.transfer).toMatchObject({ bytes: SIZE });
  expect(checks["clean up"]?.detail).toBe("deleted");
  expect(report.notes).toEqual([
    "the 3 MB of team/smoke:verify-client-1 take up space until the registry collects its garbage",
  ]);
});

test("without --size nothing is measured, and little is pushed", async () => {
  let arrived = 0;
  const { report, checks, writes } = await verify(await start({ onChunk: (bytes) => (arrived += bytes) }));
  expect(report).toMatchObject({ ok: true, notes: [] });
  expect(arrived).toBe(1024);
  expect(checks["push"]).not.toHaveProperty("transfer");
  expect(writes.filter((each) => each.startsWith("DELETE"))).toEqual(["DELETE /v2/team/smoke/manifests"]);
});

test("where nothing may be deleted, what stays is told, with its size", async () => {
  const { report, checks } = await verify(await start({ deleteEnabled: false }), { size: SIZE });
  expect(report.ok).toBe(true);
  expect(checks["clean up"]?.detail).toBe("stays: the registry allows no deletion");
  expect(report.notes[0]).toContain("team/smoke:verify-client-1 (about 3 MB) stays in the registry");
});

test("who stops it in the middle of an upload has it given up", async () => {
  const stop = new AbortController();
  const registry = await start({ onChunk: (bytes) => (bytes > 2 ? stop.abort() : undefined) });
  const { report, checks, writes } = await verify(registry, { size: SIZE, signal: stop.signal });
  expect(report.ok).toBe(false);
  expect(checks["push"]?.problem?.code).toBe("RC-NET-016");
  expect(checks["pull"]?.status).toBe("skipped");
  expect(checks["clean up"]).toMatchObject({ status: "passed", detail: "the unfinished upload was given up" });
  expect(writes.at(-1)).toBe("DELETE /v2/team/smoke/blobs/uploads");
});

test.each([undefined, SIZE])("who stops it after the push has that deleted (--size %s)", async (size) => {
  const stop = new AbortController();
  const registry = await start();
  const begin = (_: string, check: string): void => (check === "pull" ? stop.abort() : undefined);
  const { checks, writes } = await verify(registry, { size, signal: stop.signal, begin });
  expect(checks["pull"]?.problem?.code).toBe("RC-NET-016");
  expect(checks["clean up"]).toMatchObject({ status: "passed", detail: "deleted" });
  expect(writes.at(-1)).toBe("DELETE /v2/team/smoke/manifests");
});

test("an account that may only read pushes nothing, and is told so", async () => {
  const { checks } = await verify(await start(), { username: "reader" });
  expect(checks["push"]?.problem?.code).toBe("RC-PSH-001");
  expect(checks["clean up"]?.detail).toBe("nothing was pushed");
});

/** Pushes an image of `layer` under the tags, and an index of it as `multi`. */
async function fill(registry: EmbeddedRegistry, tags: readonly string[], layer: number): Promise<void> {
  const http = makeHttp(tls.cert);
  const client = makeClient(http, registry.port, ["xl", "pass"]);
  const blob = async (size: number) => {
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(size, 7);
    };
    const digest = valueOf(await client.uploadStream({ repository: "team/app", size, body }));
    return { mediaType: "application/octet-stream", digest, size };
  };
  const put = async (reference: string, mediaType: string, content: object): Promise<string> => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
    return valueOf(await client.putManifest({ repository: "team/app", reference, bytes, mediaType }));
  };
  const image = { config: await blob(300), layers: [await blob(layer)] };
  for (const tag of tags) await put(tag, MANIFEST, image);
  const digest = await put("0-image", MANIFEST, image);
  await put("multi", INDEX, { manifests: [{ mediaType: MANIFEST, digest, size: 1 }] });
  http.close();
}

test.each([
  ["the newest by name", ["v1", "v2"], "team/app:v2, sha256:"],
  ["latest before all others", ["latest", "v2"], "team/app:latest, sha256:"],
  ["an image out of an index", [], "team/app:multi, sha256:"],
])("--mode pull pulls what is there: %s", async (_, tags, found) => {
  const registry = await start();
  await fill(registry, tags, 5000);
  const { report, checks, writes } = await verify(registry, {
    username: "reader",
    mode: "pull",
    repository: "team/app",
  });
  expect(report).toMatchObject({ ok: true, notes: [] });
  expect(checks["pull"]?.detail).toContain(found);
  expect(checks["pull"]?.detail).toMatch(/and a blob of 300 bytes, by digest$/);
  expect(writes).toEqual([]);
});

test("--mode pull says that nothing was pulled where nothing is there", async () => {
  const { report, checks, writes } = await verify(await start(), { username: "reader", mode: "pull" });
  expect(report.ok).toBe(true);
  expect(checks["pull"]?.detail).toBe("team/smoke may be read; there was nothing to pull");
  expect(report.notes).toEqual([
    "nothing was pulled from team/smoke, as it has no tags; name a repository that has some with --repository",
  ]);
  expect(writes).toEqual([]);
});

test("--mode pull fails where reading is refused", async () => {
  const { report, checks } = await verify(await start({ allow: () => false }), { mode: "pull" });
  expect(report.ok).toBe(false);
  expect(checks["pull"]?.problem?.code).toBe("RC-PSH-002");
});
