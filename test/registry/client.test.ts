import { createHash } from "node:crypto";
import { afterEach, beforeAll, expect, test } from "vitest";
import { hashSync } from "bcryptjs";
import { startEmbeddedRegistry, type EmbeddedRegistry } from "../../scripts/embedded-registry/server.ts";
import type { EmbeddedRegistryOptions } from "../../scripts/embedded-registry/server.ts";
import type { RegistryClient } from "../../src/registry/client.ts";
import { codeOf, makeClient, makeHttp, valueOf } from "../support/registry-client.ts";
import { makeSelfSigned, type KeyPair } from "../support/self-signed.ts";

const schemes = ["none", "basic", "bearer"] as const;
const repository = "team/app";
const manifestType = "application/vnd.oci.image.manifest.v1+json";
let pair: KeyPair;
const endings: (() => Promise<void> | void)[] = [];

beforeAll(() => {
  pair = makeSelfSigned(["DNS:reg.test"]);
});

afterEach(async () => {
  await Promise.all(endings.splice(0).map((end) => end()));
});

async function start(changes: Partial<EmbeddedRegistryOptions>): Promise<EmbeddedRegistry> {
  const users = { xl: "s:ecret", reader: "r", hashed: hashSync("bcrypt", 4) };
  const allow = (user: string, _: string, action: string): boolean => user !== "reader" || action === "pull";
  const fixed = { host: "127.0.0.1", port: 0, deleteEnabled: true, tls: pair, auth: "basic", users, allow } as const;
  const registry = await startEmbeddedRegistry({ ...fixed, ...changes });
  endings.push(() => registry.close());
  return registry;
}

function connect(registry: EmbeddedRegistry, login?: readonly [string, string]): RegistryClient {
  const http = makeHttp(pair.cert);
  endings.push(() => http.close());
  return makeClient(http, registry.port, login);
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function push(client: RegistryClient, bytes: Uint8Array): Promise<string> {
  const digest = digestOf(bytes);
  const upload = { repository, digest, size: bytes.length, body: () => inPieces(bytes, 1000) };
  return codeOf(await client.uploadBlob(upload)).startsWith("no problem") ? digest : "failed";
}

test.each([
  ["none", "open"],
  ["basic", "challenge"],
  ["bearer", "challenge"],
] as const)("a registry with auth %s pings as %s, with its clock", async (auth, kind) => {
  const registry = await start({ auth });
  const ping = valueOf(await connect(registry, ["xl", "s:ecret"]).ping());
  expect(ping).toMatchObject({ kind, apiVersion: "registry/2.0" });
  expect(Math.abs(ping.skewMs ?? Infinity)).toBeLessThan(5000);
  expect(registry.requests).toEqual([{ method: "GET", path: "/v2/", hadAuthorization: false }]);
});

test.each([
  ["none", ["xl", "s:ecret"], { kind: "notNeeded", scheme: "" }],
  ["basic", ["xl", "s:ecret"], { kind: "loggedIn", scheme: "Basic" }],
  ["basic", ["hashed", "bcrypt"], { kind: "loggedIn", scheme: "Basic" }],
  ["bearer", ["xl", "s:ecret"], { kind: "loggedIn", scheme: "Bearer" }],
  ["bearer", ["<token>", "xl:s:ecret"], { kind: "loggedIn", scheme: "Bearer" }],
] as const)("login with auth %s as %j", async (auth, login, expected) => {
  const registry = await start({ auth });
  expect(valueOf(await connect(registry, login).login())).toEqual(expected);
  // never before the challenge, and never to a registry that needs none
  expect(registry.requests[0]?.hadAuthorization).toBe(false);
  if (auth === "none") expect(registry.requests.some((one) => one.hadAuthorization)).toBe(false);
  // a password is asked for once
  if (auth === "basic") expect(registry.requests.map((one) => one.hadAuthorization)).toEqual([false, true]);
});

test.each([
  ["basic", ["xl", "wrong"], "RC-AUT-001"],
  ["bearer", ["xl", "wrong"], "RC-AUT-001"],
  ["bearer", ["<token>", "xl:wrong"], "RC-AUT-001"],
  ["basic", ["<token>", "xl:s:ecret"], "RC-AUT-009"],
  ["basic", ["a:b", "c"], "RC-AUT-009"],
  ["basic", undefined, "RC-AUT-002"],
  ["bearer", undefined, "RC-AUT-002"],
] as const)("login with auth %s as %j is refused: %s", async (auth, login, code) => {
  const registry = await start({ auth });
  const refused = await connect(registry, login).login();
  expect(codeOf(refused)).toBe(code);
  expect(refused.ok ? 0 : refused.problem.exit).toBe(4);
  expect(JSON.stringify(refused)).not.toMatch(/s:ecret|wrong/);
});

test.each(schemes)("push, pull and delete with auth %s", async (auth) => {
  const client = connect(await start({ auth }), ["xl", "s:ecret"]);
  const config = await push(client, Buffer.from("{}"));
  const layer = await push(client, Buffer.alloc(5000, 1));
  const bytes = Buffer.from(JSON.stringify({ config: { digest: config }, layers: [{ digest: layer }] }));
  const digest = valueOf(await client.putManifest({ repository, reference: "v1", bytes, mediaType: manifestType }));
  const manifest = valueOf(await client.getManifest(repository, "v1"));
  expect({ ...manifest, bytes: Buffer.from(manifest.bytes) }).toEqual({ bytes, mediaType: manifestType, digest });
  const pulled: Uint8Array[] = [];
  const download = { repository, digest: layer, maxBytes: 10_000, onChunk: (c: Uint8Array) => void pulled.push(c) };
  expect(valueOf(await client.getBlob(download))).toBe(5000);
  expect(digestOf(Buffer.concat(pulled))).toBe(layer);
  expect(valueOf(await client.headBlob(repository, layer))).toEqual({ size: 5000 });
  expect(valueOf(await client.deleteManifest(repository, digest))).toBe("deleted");
  expect(valueOf(await client.deleteManifest(repository, digest))).toBe("absent");
  expect(valueOf(await client.headBlob(repository, digestOf(Buffer.from("never pushed"))))).toBe(undefined);
});

test("an empty blob can be pushed", async () => {
  const client = connect(await start({}), ["xl", "s:ecret"]);
  expect(await push(client, new Uint8Array())).toMatch(/^sha256:e3b0c442/);
});

test("an upload can be given up, also one that is gone", async () => {
  const client = connect(await start({}), ["xl", "s:ecret"]);
  const upload = valueOf(await client.openUpload(repository));
  expect(codeOf(await client.cancelUpload(repository, upload))).toContain("no problem");
  expect(codeOf(await client.cancelUpload(repository, upload))).toContain("no problem");
});

test("where deletion is off, that is said and is no failure", async () => {
  const client = connect(await start({ deleteEnabled: false }), ["xl", "s:ecret"]);
  const bytes = Buffer.from(JSON.stringify({ layers: [] }));
  const digest = valueOf(await client.putManifest({ repository, reference: "v1", bytes, mediaType: manifestType }));
  expect(valueOf(await client.deleteManifest(repository, digest))).toBe("unsupported");
});

type Attempt = (client: RegistryClient) => Promise<string>;
const tryPush: Attempt = async (client) => codeOf(await client.openUpload(repository));
const tryPull: Attempt = async (client) => codeOf(await client.getManifest(repository, "v1"));
const tryLost: Attempt = async (client) => {
  const bytes = Buffer.from(JSON.stringify({ layers: [{ digest: digestOf(Buffer.from("lost")) }] }));
  return codeOf(await client.putManifest({ repository, reference: "v1", bytes, mediaType: manifestType }));
};
const tryWrongDigest: Attempt = async (client) => {
  const upload = { repository, digest: digestOf(Buffer.from("a")), size: 1, body: () => inPieces(Buffer.from("b"), 1) };
  return codeOf(await client.uploadBlob(upload));
};

test.each<readonly [string, string, Attempt, Partial<EmbeddedRegistryOptions>, readonly [string, string]]>([
  ["a reader pushes (basic)", "RC-PSH-001", tryPush, {}, ["reader", "r"]],
  ["a reader pushes (bearer)", "RC-PSH-001", tryPush, { auth: "bearer" }, ["reader", "r"]],
  ["nobody may pull (bearer)", "RC-PSH-002", tryPull, { auth: "bearer", allow: () => false }, ["xl", "s:ecret"]],
  ["nothing was pushed", "RC-PSH-003", tryPull, {}, ["xl", "s:ecret"]],
  ["the registry is read-only", "RC-PSH-005", tryPush, { readOnly: true }, ["xl", "s:ecret"]],
  ["a layer is missing", "RC-PSH-015", tryLost, {}, ["xl", "s:ecret"]],
  ["the digest is another's", "RC-PSH-016", tryWrongDigest, {}, ["xl", "s:ecret"]],
])("when %s: %s, exit code 6", async (_, code, attempt, changes, login) => {
  const registry = await start(changes);
  const client = connect(registry, login);
  expect(await attempt(client)).toBe(code);
});

test("a token is used again while it holds", async () => {
  const registry = await start({ auth: "bearer" });
  const client = connect(registry, ["xl", "s:ecret"]);
  for (const text of ["x", "y", "z"]) valueOf(await client.headBlob(repository, digestOf(Buffer.from(text))));
  expect(registry.requests.filter(({ path }) => path.startsWith("/token"))).toHaveLength(1);
});

test("a token that the registry refuses is fetched anew once, and then told of", async () => {
  const registry = await start({ auth: "bearer", tokenSeconds: 0 });
  const client = connect(registry, ["xl", "s:ecret"]);
  for (const count of [1, 2]) {
    expect(codeOf(await client.headBlob(repository, digestOf(Buffer.from("x"))))).toBe("RC-AUT-008");
    expect(registry.requests.filter(({ path }) => path.startsWith("/token"))).toHaveLength(count);
  }
});

test("50 MB go through without being held in memory", async () => {
  const piece = Buffer.alloc(256 * 1024, 5);
  const [count, size] = [200, 200 * piece.length];
  const hash = createHash("sha256");
  for (let n = 0; n < count; n += 1) hash.update(piece);
  let held = 0;
  const made = { most: 0, ahead: 0 };
  const body = async function* (): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < count; n += 1) {
      made.ahead += piece.length;
      made.most = Math.max(made.most, made.ahead - held);
      yield piece;
    }
  };
  const registry = await start({ onChunk: (bytes) => (held += bytes) });
  const client = connect(registry, ["xl", "s:ecret"]);
  const digest = `sha256:${hash.digest("hex")}`;
  expect(codeOf(await client.uploadBlob({ repository, digest, size, body }))).toContain("no problem");
  expect(made.most).toBeLessThan(16 * 1024 * 1024);
  let pulled = 0;
  const onChunk = (chunk: Uint8Array): void => void (pulled += chunk.length);
  expect(valueOf(await client.getBlob({ repository, digest, maxBytes: size, onChunk }))).toBe(size);
  expect(pulled).toBe(size);
  expect(codeOf(await client.getBlob({ repository, digest, maxBytes: size - 1, onChunk }))).toBe("RC-HTP-003");
});

test("a body that is not as long as was said is a bug", async () => {
  const client = connect(await start({}), ["xl", "s:ecret"]);
  const upload = {
    repository,
    digest: digestOf(Buffer.from("ab")),
    size: 3,
    body: () => inPieces(Buffer.from("ab"), 1),
  };
  await expect(client.uploadBlob(upload)).rejects.toThrow("shorter than its declared size");
});
