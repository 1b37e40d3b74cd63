import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { RegistryClient } from "../../src/registry/client.ts";
import type { HttpOptions } from "../../src/registry/http.ts";
import { answer, flood, startTls, type RawServer } from "../support/raw-server.ts";
import { codeOf, makeClient, makeHttp } from "../support/registry-client.ts";
import { makeSelfSigned, type KeyPair } from "../support/self-signed.ts";

const MiB = 1024 * 1024;
const PASSWORD = "correct horse";
const BASIC = Buffer.from(`xl:${PASSWORD}`).toString("base64");
const api = "Docker-Distribution-Api-Version: registry/2.0";
let pair: KeyPair;
const endings: (() => Promise<void> | void)[] = [];

beforeAll(() => {
  pair = makeSelfSigned(["DNS:reg.test", "DNS:evil.test", "DNS:auth.test"]);
});

afterEach(async () => {
  await Promise.all(endings.splice(0).map((end) => end()));
});

type Socket = Parameters<Parameters<typeof startTls>[1]>[0];
/** What a registry does with one request head; `evil` is another server's port, `own` its own. */
type Behaviour = (socket: Socket, head: string, ports: { readonly evil: number; readonly own: number }) => void;

interface Stage {
  readonly client: RegistryClient;
  readonly registry: RawServer;
  readonly evil: RawServer;
}

const givesToken: Behaviour = (socket) => socket.write(answer("200 OK", [], '{"token":"t"}'));

async function stage(
  behave: Behaviour,
  evilDoes: Behaviour = givesToken,
  limits: Partial<HttpOptions> = {},
): Promise<Stage> {
  const evil: RawServer = await startTls(pair, (socket, head) =>
    evilDoes(socket, head, { evil: evil.port, own: evil.port }),
  );
  const registry: RawServer = await startTls(pair, (socket, head) =>
    behave(socket, head, { evil: evil.port, own: registry.port }),
  );
  const http = makeHttp(pair.cert, limits);
  endings.push(() => http.close(), evil.close, registry.close);
  return { client: makeClient(http, registry.port, ["xl", PASSWORD], [`auth.test:${evil.port}`]), registry, evil };
}

/** Answers with a Bearer challenge until there is a token; then with `then`. */
function bearer(
  realm: (own: number, evil: number) => string,
  token: (socket: Socket) => void = () => undefined,
): Behaviour {
  return (socket, head, { own, evil }) => {
    if (head.includes("/token")) return token(socket);
    return void socket.write(
      answer("401 Unauthorized", [`WWW-Authenticate: Bearer realm="${realm(own, evil)}",service="s"`]),
    );
  };
}

const ownRealm = (own: number): string => `https://reg.test:${own}/token`;

function json(body: string): (socket: Socket) => void {
  return (socket) => void socket.write(answer("200 OK", [], body));
}

function endless(prefix: string, piece: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n${prefix}`);
    flood(socket, piece.repeat(16 * 1024));
  };
}

const logins: readonly (readonly [string, string, Behaviour])[] = [
  [
    "a redirect to another host",
    "RC-HTP-006",
    (s, _, { evil }) => s.write(answer("307 Go", [`Location: https://evil.test:${evil}/v2/`])),
  ],
  ["a redirect to http", "RC-HTP-006", (s) => s.write(answer("301 Go", ["Location: http://reg.test/v2/"]))],
  ["a redirect to its own web page", "RC-HTP-005", (s) => s.write(answer("302 Go", ["Location: /login"]))],
  ["a web page", "RC-HTP-005", (s) => s.write(answer("200 OK", [], "<html><title>Welcome to nginx!</title>"))],
  ["a 404", "RC-HTP-005", (s) => s.write(answer("404 Not Found"))],
  ["a 401 without a challenge", "RC-HTP-005", (s) => s.write(answer("401 Unauthorized"))],
  ["a 403", "RC-AUT-010", (s) => s.write(answer("403 Forbidden"))],
  ["a 502 of a proxy", "RC-HTP-007", (s) => s.write(answer("502 Bad Gateway", [], "<html>"))],
  ["a 429", "RC-HTP-008", (s) => s.write(answer("429 Slow", ["Retry-After: 30"]))],
  ["a demand for Kerberos", "RC-AUT-003", (s) => s.write(answer("401 No", ["WWW-Authenticate: Negotiate"]))],
  [
    "a wish for a client certificate",
    "RC-NET-011",
    (s) => s.write(answer("400 Bad Request", [], "<center>No required SSL certificate was sent</center>")),
  ],
  [
    "a 403 after the password",
    "RC-AUT-010",
    (s, head) =>
      s.write(
        /authorization/i.test(head) ? answer("403 Forbidden") : answer("401 No", ['WWW-Authenticate: Basic realm="r"']),
      ),
  ],
  ["a gzip bomb", "RC-HTP-005", (s) => bomb(s)],
  ["an endless page", "RC-HTP-005", (s) => endless("", "a")(s)],
  [
    "an endless challenge",
    "RC-HTP-001",
    (s) => {
      s.write("HTTP/1.1 401 No\r\n");
      flood(s, `WWW-Authenticate: Basic realm="${"a".repeat(9000)}"\r\n`);
    },
  ],
  ["a realm on another host", "RC-AUT-005", bearer((_, evil) => `https://evil.test:${evil}/token`)],
  ["a realm that looks alike", "RC-AUT-005", bearer((_, evil) => `https://reg.test.evil.test:${evil}/token`)],
  ["a realm behind a login", "RC-AUT-004", bearer((own, evil) => `https://reg.test:${own}@evil.test:${evil}/token`)],
  ["a realm over http", "RC-AUT-004", bearer((own) => `http://reg.test:${own}/token`)],
  ["a relative realm", "RC-AUT-004", bearer(() => "/token")],
  ["an empty realm", "RC-AUT-004", bearer(() => "")],
  ["a realm of another scheme", "RC-AUT-004", bearer(() => "file:///etc/passwd")],
];

test("a realm on another host is refused with the option that would allow it", async () => {
  const { client, registry, evil } = await stage(bearer((_, port) => `https://evil.test:${port}/token`));
  const refused = await client.login();
  const allow = `regclient enroll reg.test:${registry.port} --realm evil.test:${evil.port}`;
  expect(refused.ok ? [] : refused.problem.fix).toContainEqual(expect.stringContaining(allow));
});

test.each(logins)("login at a server with %s gives %s", async (_, code, behave) => {
  const { client, registry, evil } = await stage(behave);
  const result = await client.login();
  expect(codeOf(result)).toBe(code);
  expect(evil.heads).toEqual([]);
  expect(JSON.stringify(result)).not.toContain(PASSWORD);
  expect(registry.written()).toBeLessThan(16 * MiB);
});

const tokens: readonly (readonly [string, string, (socket: Socket) => void])[] = [
  ["an endless token", "RC-HTP-003", endless('{"token":"', "a")],
  ["a token of 100 KiB", "RC-AUT-007", json(JSON.stringify({ token: "a".repeat(100 * 1024) }))],
  ["a token with a line break", "RC-AUT-007", json(JSON.stringify({ token: "a\r\nX: y" }))],
  ["no token", "RC-AUT-007", json("{}")],
  ["a token that is a number", "RC-AUT-007", json('{"token":5}')],
  ["a web page", "RC-AUT-007", json("<html>")],
  ["null", "RC-AUT-007", json("null")],
  ["a token that the registry refuses", "RC-AUT-008", json('{"access_token":"t","expires_in":1e999}')],
  ["a refusal", "RC-AUT-001", (s) => s.write(answer("401 Unauthorized"))],
  ["a fault", "RC-AUT-006", (s) => s.write(answer("500 Oops"))],
  ["a redirect", "RC-AUT-006", (s) => s.write(answer("302 Go", ["Location: https://evil.test/"]))],
];

test.each(tokens)("a token server that gives %s: %s", async (_, code, token) => {
  const { client, registry, evil } = await stage(bearer(ownRealm, token));
  const result = await client.login();
  expect(codeOf(result)).toBe(code);
  expect(evil.heads).toEqual([]);
  expect(registry.written()).toBeLessThan(16 * MiB);
  // the password goes to the realm alone
  const given = registry.heads.filter((head) => head.includes(BASIC));
  expect(given.map((head) => head.split(/[ ?]/)[1])).toEqual(["/token"]);
});

test("a silent token server is waited for no longer than is allowed", async () => {
  const limits = { timeouts: { connectMs: 5000, idleMs: 300, totalMs: 5000 } };
  const { client } = await stage(bearer(ownRealm), givesToken, limits);
  expect(codeOf(await client.login())).toBe("RC-NET-013");
});

test("a declared realm on another host is given the credentials", async () => {
  const behave = bearer((_, evil) => `https://auth.test:${evil}/token`);
  const { client, evil } = await stage(behave);
  expect(codeOf(await client.login())).toBe("RC-AUT-008");
  expect(evil.heads).toHaveLength(1);
  expect(evil.heads[0]).toContain(BASIC);
});

const uploads: readonly (readonly [string, string, (ports: { evil: number; own: number }) => readonly string[]])[] = [
  ["another host", "RC-PSH-010", ({ evil }) => [`Location: https://evil.test:${evil}/v2/a/blobs/uploads/1`]],
  ["another port", "RC-PSH-010", ({ evil }) => [`Location: https://reg.test:${evil}/v2/a/blobs/uploads/1`]],
  ["another host, by //", "RC-PSH-010", ({ evil }) => [`Location: //evil.test:${evil}/v2/a/blobs/uploads/1`]],
  ["http", "RC-PSH-009", ({ own }) => [`Location: http://reg.test:${own}/v2/a/blobs/uploads/1`]],
  ["nowhere", "RC-PSH-011", () => []],
  ["no URL", "RC-PSH-011", () => ["Location: https://"]],
  ["a user at its own host", "RC-PSH-011", ({ own }) => [`Location: https://u:p@reg.test:${own}/v2/a/blobs/uploads/1`]],
  ["a user alone", "RC-PSH-011", ({ own }) => [`Location: https://u@reg.test:${own}/v2/a/blobs/uploads/1`]],
];

test.each(uploads)("an upload that is sent to %s: %s", async (_, code, headers) => {
  const { client, evil } = await stage((s, head, ports) =>
    basic(s, head, () => s.write(answer("202 Accepted", headers(ports)))),
  );
  expect(codeOf(await client.openUpload("a"))).toBe(code);
  expect(evil.heads).toEqual([]);
});

test("an upload's Location is kept as it is, and the digest added with &", async () => {
  const { client, registry } = await stage((s, head) =>
    basic(s, head, () =>
      s.write(
        head.startsWith("POST")
          ? answer("202 Accepted", ["Location: ../up%2Fload/1?_state=a%3D%3D&x"])
          : answer("201 Created"),
      ),
    ),
  );
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from("x");
  };
  expect(codeOf(await client.uploadBlob({ repository: "a", digest: "sha256:00", size: 1, body }))).toContain(
    "no problem",
  );
  expect(registry.heads.at(-1)).toMatch(/^PUT \/v2\/a\/blobs\/up%2Fload\/1\?_state=a%3D%3D&x&digest=sha256%3A00 /);
});

type Pull = readonly [string, string, (ports: { evil: number; own: number }) => string, Behaviour];

const pulls: readonly Pull[] = [
  ["to storage that has other bytes", "RC-PSH-014", ({ evil }) => `https://evil.test:${evil}/blob`, givesToken],
  ["over http", "RC-PSH-018", ({ evil }) => `http://evil.test:${evil}/blob`, givesToken],
  ["to a place with a login", "RC-PSH-018", ({ evil }) => `https://a:b@evil.test:${evil}/blob`, givesToken],
  [
    "round and round",
    "RC-PSH-018",
    ({ evil }) => `https://evil.test:${evil}/blob`,
    (s, _, { own }) => s.write(answer("307 Go", [`Location: https://evil.test:${own}/more`])),
  ],
  [
    "to storage that refuses",
    "RC-PSH-002",
    ({ evil }) => `https://evil.test:${evil}/blob`,
    (s) => s.write(answer("403 Forbidden", [], "<Error/>")),
  ],
];

test.each(pulls)("a pull that is redirected %s: %s", async (_, code, target, evilDoes) => {
  const { client, evil } = await stage(
    (s, head, ports) => basic(s, head, () => s.write(answer("307 Go", [`Location: ${target(ports)}`]))),
    evilDoes,
  );
  const download = { repository: "a", digest: `sha256:${"0".repeat(64)}`, maxBytes: MiB, onChunk: () => undefined };
  expect(codeOf(await client.getBlob(download))).toBe(code);
  expect(evil.heads.join("\n")).not.toMatch(/authorization/i);
  expect(evil.heads.length).toBeLessThanOrEqual(3);
});

function basic(socket: Socket, head: string, admit: () => void): void {
  if (/^authorization: basic/im.test(head)) return admit();
  socket.write(answer("401 Unauthorized", [api, 'WWW-Authenticate: Basic realm="r"']));
}

const packed = gzipSync(Buffer.alloc(64 * MiB));

function bomb(socket: Socket): void {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`);
  socket.write(packed);
}
