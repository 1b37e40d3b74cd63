import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fetchSource, type SourceFetch, type SourceRequest } from "../../src/enrollment/source-fetch.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { parseCertificate, type Certificate } from "../../src/trust/certificate.ts";
import { showFingerprint } from "../../src/trust/fingerprint.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { armour, makeCA, makeLeaf, makePkcs7 } from "../support/pki.ts";
import { readPem } from "../support/read-pem.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";
import { makeSelfSigned } from "../support/self-signed.ts";
import { serveFile, startSourceServer, type SourceReply, type SourceServer } from "../support/source-server.ts";
import { standInEst, standInHarbor, standInStepCA, standInVault } from "../support/source-stand-ins.ts";

const PATH = "/.well-known/regclient/trust.pem";
const tls = makeSelfSigned(["IP:127.0.0.1"]);
const other = makeSelfSigned(["IP:127.0.0.1"]);
const held = valueOf(parseCertificate(readPem(tls.cert)));
const next = makeLeaf({ commonName: "next", ip: ["127.0.0.1"] }).certificate;
const ca = makeCA({ commonName: "coming CA" }).certificate;

let server: SourceServer;
let elsewhere: SourceServer;
beforeAll(async () => {
  server = await startSourceServer(tls);
  elsewhere = await startSourceServer(tls);
});
afterAll(async () => {
  await server.close();
  await elsewhere.close();
});
beforeEach(() => {
  server.replaceCertificate(tls);
  server.answer = () => ({ status: 404 });
});

async function fetchNow(path = PATH, changes: Partial<SourceRequest> = {}): Promise<SourceFetch> {
  const name = valueOf(parseRegistryName(`127.0.0.1:${server.port}`));
  const route = { name, address: undefined };
  const url = `https://127.0.0.1:${server.port}${path}`;
  const host = makeFakeHost({ root: makeScratchRoot({ "/etc/hosts": "" }) });
  return fetchSource(host, { url, route, roots: [held], known: undefined, limitMs: 20_000, ...changes });
}

function told(fetched: SourceFetch): string {
  switch (fetched.kind) {
    case "given":
      return `given ${fetched.certificates.map(({ commonName }) => commonName).join(" + ")}`.trim();
    case "unchanged":
      return "unchanged";
    case "failed":
      return `failed ${fetched.problem.code}${fetched.isSilence ? " (nothing there)" : ""}${fetched.isUnverified ? " (unverified)" : ""}`;
  }
}

const both = `${held.pem}${next.pem}`;
const pkcs7 = makePkcs7([held, next]);
const page = "<!doctype html><html><title>Harbor</title></html>";

test.each<readonly [string, SourceReply, string]>([
  ["PEM", { body: both, headers: { "Content-Type": "application/x-pem-file" } }, "given self-signed + next"],
  ["PEM of another content type", { body: both, headers: { "Content-Type": "text/html" } }, "given self-signed + next"],
  ["PEM without a content type", { body: both }, "given self-signed + next"],
  ["DER", { body: next.der, headers: { "Content-Type": "application/pkix-cert" } }, "given next"],
  ["PKCS#7", { body: pkcs7 }, "given self-signed + next"],
  ["PKCS#7 in base64", { body: Buffer.from(pkcs7).toString("base64") }, "given self-signed + next"],
  ["the same twice", { body: next.pem + next.pem }, "given next"],
  ["404", { status: 404, body: "not found" }, "given"],
  ["410", { status: 410 }, "given"],
  ["204", { status: 204 }, "failed RC-TRU-033 (nothing there)"],
  ["401", { status: 401, body: "no" }, "failed RC-TRU-033 (nothing there)"],
  ["500", { status: 500, body: "oh" }, "failed RC-TRU-033"],
  ["206, of a part", { status: 206, body: both }, "failed RC-TRU-033 (nothing there)"],
  ["304 to a request without conditions", { status: 304 }, "failed RC-TRU-033 (nothing there)"],
  ["a web page", { body: page, headers: { "Content-Type": "text/html" } }, "failed RC-TLS-033 (nothing there)"],
  ["nothing", { body: "" }, "failed RC-TLS-031 (nothing there)"],
  [
    "garbage",
    { body: Buffer.from(Array.from({ length: 999 }, (_, index) => (index * 7919) % 256)) },
    "failed RC-TLS-033 (nothing there)",
  ],
  ["a certificate that is cut off", { body: next.pem.slice(0, 200) }, "failed RC-TLS-034"],
  ["a private key beside the certificate", { body: tls.cert + tls.key }, "failed RC-TLS-036"],
  ["a private key", { body: armour("PRIVATE KEY", Buffer.from("x")) }, "failed RC-TLS-036"],
  [
    "a redirect to plain http",
    { status: 302, headers: { Location: "http://127.0.0.1/trust.pem" } },
    "failed RC-TRU-034",
  ],
  ["a redirect to nowhere", { status: 301 }, "failed RC-TRU-034"],
  ["a redirect to itself", { status: 307, headers: { Location: PATH } }, "failed RC-TRU-034"],
])("%s", async (_, reply, expected) => {
  server.answer = () => reply;
  expect(told(await fetchNow())).toBe(expected);
});

test("what is given says what verified the connection, and no login was sent", async () => {
  server.answer = serveFile(both);
  const before = server.asked.length;
  expect(await fetchNow()).toMatchObject({ kind: "given", verifiedBy: showFingerprint(held) });
  const [asked] = server.asked.slice(before);
  expect(asked?.path).toBe(PATH);
  expect(asked?.headers.authorization ?? asked?.headers.cookie).toBeUndefined();
});

test("an answer that is known is not sent again, by ETag or by date", async () => {
  server.answer = serveFile(both);
  const first = await fetchNow();
  if (first.kind !== "given") throw new Error(told(first));
  expect(first.etag).toMatch(/^"/);
  expect(told(await fetchNow(PATH, { known: first }))).toBe("unchanged");
  server.answer = serveFile(next.pem);
  expect(told(await fetchNow(PATH, { known: first }))).toBe("given next");

  const lastModified = "Tue, 24 Nov 2026 00:00:00 GMT";
  server.answer = ({ headers }) =>
    headers["if-modified-since"] === lastModified
      ? { status: 304 }
      : { body: both, headers: { "Last-Modified": lastModified } };
  const dated = await fetchNow();
  if (dated.kind !== "given") throw new Error(told(dated));
  expect(told(await fetchNow(PATH, { known: dated }))).toBe("unchanged");
});

test("a validator that is no short line of text is not kept", async () => {
  server.answer = () => ({ body: both, headers: { ETag: `"${"x".repeat(300)}"`, "Last-Modified": "\u00e4" } });
  expect(await fetchNow()).toMatchObject({ kind: "given", etag: undefined, lastModified: undefined });
});

test("a redirect on the same host and port is followed; to another, nobody is asked", async () => {
  server.answer = ({ path }) =>
    path === PATH ? { status: 302, headers: { Location: "/pki/trust.pem" } } : { body: both };
  expect(told(await fetchNow())).toBe("given self-signed + next");
  const location = `https://127.0.0.1:${elsewhere.port}/trust.pem`;
  server.answer = () => ({ status: 302, headers: { Location: location } });
  const refused = await fetchNow();
  expect(told(refused)).toBe("failed RC-TRU-034");
  expect(refused.kind === "failed" ? refused.problem.cause : "").toContain(location);
  expect(elsewhere.connections()).toBe(0);
});

test("over a connection that nobody vouches for, not even the question is sent", async () => {
  server.answer = serveFile(both);
  server.replaceCertificate(other);
  const [asked, connections] = [server.asked.length, server.connections()];
  expect(told(await fetchNow())).toMatch(/^failed RC-TLS-\d+ \(unverified\)$/);
  expect(server.asked.length).toBe(asked);
  expect(server.connections()).toBe(connections + 1);
});

test("what is larger than 1 MiB, or has more than 32 certificates, is not taken", async () => {
  server.answer = () => ({ endless: both });
  expect(told(await fetchNow())).toMatch(/^failed RC-HTP-\d+$/);
  const small = Array.from({ length: 1000 }, (_, index) => makeLeaf({ commonName: `n${index}` }).certificate.pem);
  server.answer = () => ({ body: small.join("") });
  const many = await fetchNow();
  expect(told(many)).toBe("failed RC-TRU-035");
  expect(many.kind === "failed" ? many.problem.summary : "").toContain("has 1000 certificates");
  server.answer = () => ({ body: small.slice(0, 32).join("") });
  expect((await fetchNow()).kind).toBe("given");
});

test("a server that does not come to an end is left", async () => {
  server.answer = () => ({ silent: true });
  expect(told(await fetchNow(PATH, { limitMs: 300 }))).toMatch(/^failed RC-NET-\d+$/);
});

describe("stand-ins for servers that give their CA", () => {
  test.each<readonly [string, string, SourceServer["answer"], string]>([
    ["Harbor", "/api/v2.0/systeminfo/getcert", standInHarbor(ca), "given coming CA"],
    ["Harbor without a CA", "/api/v2.0/systeminfo/getcert", standInHarbor(undefined), "given"],
    ["Harbor, asked for the well-known file", PATH, standInHarbor(ca), "failed RC-TLS-033 (nothing there)"],
    ["EST", "/.well-known/est/cacerts", standInEst([held, ca]), "given self-signed + coming CA"],
    ["step-ca", "/roots.pem", standInStepCA([held, ca]), "given self-signed + coming CA"],
    ["Vault", "/v1/pki/ca/pem", standInVault(ca), "given coming CA"],
    ["Vault at another mount", "/v1/team/pki/ca/pem", standInVault(ca, "team/pki"), "given coming CA"],
    ["Vault without an issuer", "/v1/pki/ca/pem", standInVault(undefined), "failed RC-TRU-033 (nothing there)"],
  ])("%s", async (_, path, answer, expected) => {
    server.answer = answer;
    expect(told(await fetchNow(path))).toBe(expected);
  });
});

test("a certificate of another name than the host's is no verified connection", async () => {
  const wrong = makeSelfSigned(["DNS:other.test"]);
  const root: Certificate = valueOf(parseCertificate(readPem(wrong.cert)));
  server.replaceCertificate(wrong);
  expect(told(await fetchNow(PATH, { roots: [root] }))).toBe("failed RC-TLS-002 (unverified)");
});
