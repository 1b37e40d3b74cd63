import { afterEach, beforeAll, expect, test } from "vitest";
import { problem } from "../../src/findings/problem.ts";
import { readBody } from "../../src/registry/body.ts";
import type { HttpOptions } from "../../src/registry/http.ts";
import { failure, success } from "../../src/result.ts";
import { answer, flood, startTcp, startTls, trickle, type RawServer } from "../support/raw-server.ts";
import { codeOf, makeHttp, valueOf } from "../support/registry-client.ts";
import { makeSelfSigned, type KeyPair } from "../support/self-signed.ts";

const KiB = 1024;
let pair: KeyPair;
let other: KeyPair;
const running: RawServer[] = [];

beforeAll(() => {
  pair = makeSelfSigned(["DNS:reg.test", "IP:127.0.0.1"]);
  other = makeSelfSigned(["DNS:other.test"]);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function keep(server: Promise<RawServer>): Promise<RawServer> {
  running.push(await server);
  return server;
}

/** Sends one GET and reads the answer; gives the code of what went wrong. */
async function tryOut(port: number, changes: Partial<HttpOptions> = {}, host = "reg.test"): Promise<string> {
  const http = makeHttp(pair.cert, changes);
  const response = await http.request({ method: "GET", url: new URL(`https://${host}:${port}/v2/`) });
  const result = response.ok ? await readBody(response.value, 64 * KiB) : response;
  http.close();
  return codeOf(result);
}

// each is short only where it is the one that must end the wait
const shortConnect = { timeouts: { connectMs: 300, idleMs: 200, totalMs: 5000 } };
const shortIdle = { timeouts: { connectMs: 5000, idleMs: 300, totalMs: 5000 } };
const shortTotal = { timeouts: { connectMs: 5000, idleMs: 5000, totalMs: 700 } };
const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

type Hostile = readonly [string, string, () => Promise<RawServer>, Partial<HttpOptions>];

const hostile: readonly (Hostile | readonly [string, string, () => Promise<RawServer>])[] = [
  ["accepts and never answers", "RC-NET-005", () => startTcp(() => undefined), shortConnect],
  ["hangs up at once", "RC-NET-015", () => startTcp((socket) => socket.destroy())],
  ["resets at once", "RC-NET-015", () => startTcp((socket) => socket.resetAndDestroy())],
  ["speaks plain HTTP", "RC-NET-006", () => startTcp((s) => s.once("data", () => s.end(answer("400 Bad Request"))))],
  ["speaks SSH", "RC-NET-007", () => startTcp((socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"))],
  ["floods the handshake", "RC-NET-007", () => startTcp((socket) => flood(socket, "x".repeat(64 * KiB)))],
  [
    "has no cipher in common",
    "RC-NET-009",
    () => startTls(pair, () => undefined, { ciphers: "ECDHE-RSA-AES128-GCM-SHA256", maxVersion: "TLSv1.2" }),
  ],
  [
    "knows only TLS 1.1",
    "RC-NET-008",
    () => startTls(pair, () => undefined, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" }),
  ],
  [
    "wants a client certificate",
    "RC-NET-011",
    () => startTls(pair, () => undefined, { requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" }),
  ],
  ["has another certificate", "RC-NET-010", () => startTls(other, () => undefined)],
  ["never answers the request", "RC-NET-013", () => startTls(pair, () => undefined), shortIdle],
  ["closes before it answers", "RC-NET-012", () => startTls(pair, (socket) => socket.end())],
  ["answers with no HTTP", "RC-HTP-002", () => startTls(pair, (socket) => socket.end("+OK hello\r\n"))],
  [
    "sends endless headers",
    "RC-HTP-001",
    () =>
      startTls(pair, (socket) => {
        socket.write("HTTP/1.1 200 OK\r\n");
        flood(socket, "X-A: 0123456789\r\n".repeat(64));
      }),
  ],
  [
    "sends one endless header",
    "RC-HTP-001",
    () =>
      startTls(pair, (socket) => {
        socket.write('HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="');
        flood(socket, "a".repeat(4 * KiB));
      }),
  ],
  [
    "sends endless interim answers",
    "RC-NET-013",
    () => startTls(pair, (socket) => flood(socket, "HTTP/1.1 103 Early\r\nX-A: b\r\n\r\n")),
    shortIdle,
  ],
  [
    "sends an endless body",
    "RC-HTP-003",
    () =>
      startTls(pair, (socket) => {
        socket.write(chunked);
        flood(socket, `4000\r\n${"x".repeat(16 * KiB)}\r\n`);
      }),
  ],
  [
    "announces a gigabyte",
    "RC-HTP-003",
    () =>
      startTls(pair, (socket) => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
        flood(socket, "x".repeat(16 * KiB));
      }),
  ],
  ["sends a byte at a time", "RC-NET-014", () => startTls(pair, (s) => trickleBody(s)), shortTotal],
  [
    "trickles its headers",
    "RC-NET-013",
    () => startTls(pair, (s) => trickle(s, "HTTP/1.1 200 OK\r\nX: ", 50)),
    shortIdle,
  ],
  ["goes silent in the body", "RC-NET-013", () => startTls(pair, (s) => s.write(`${chunked}1\r\nx\r\n`)), shortIdle],
  [
    "resets in the body",
    "RC-HTP-004",
    () =>
      startTls(pair, (socket, _, reset) => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
        setTimeout(reset, 30);
      }),
  ],
  [
    "sends less than it announced",
    "RC-HTP-004",
    () => startTls(pair, (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")),
  ],
  ["breaks the chunks off", "RC-HTP-004", () => startTls(pair, (socket) => socket.end(`${chunked}5\r\nab`))],
];

function trickleBody(socket: Parameters<typeof trickle>[0]): void {
  socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  trickle(socket, "", 20);
}

test.each(hostile)("a server that %s gives %s", async (...[, code, start, changes = {}]) => {
  const server = await keep(start());
  expect(await tryOut(server.port, changes)).toBe(code);
  // what was taken is bounded: the client's limit, and what fits the sockets on the way
  expect(server.written()).toBeLessThan(16 * KiB * KiB);
});

test("a port that nothing listens on is refused", async () => {
  const server = await startTcp(() => undefined);
  await server.close();
  expect(await tryOut(server.port)).toBe("RC-NET-002");
});

const lookUps: readonly (readonly [string, string, HttpOptions["connectTo"]])[] = [
  ["no address", "RC-NET-001", async () => success([])],
  ["the look-up's own problem", "RC-NAM-001", async () => failure(problem("RC-NAM-001", { name: "x", reason: "y" }))],
  ["addresses without a route", "RC-NET-003", async () => success(["255.255.255.255"])],
];

test.each(lookUps)("a host with %s gives %s", async (_, code, connectTo) => {
  expect(await tryOut(443, { connectTo })).toBe(code);
});

test("a resolver that hangs is waited for no longer than connecting may take", async () => {
  expect(await tryOut(443, { connectTo: () => new Promise(() => undefined), ...shortConnect })).toBe("RC-NET-018");
});

test("a judge that throws is a bug, not an answer", async () => {
  const server = await keep(startTls(pair, (socket) => socket.write(answer("200 OK"))));
  const judge = (): never => {
    throw new Error("judge is broken");
  };
  await expect(tryOut(server.port, { judge })).rejects.toThrow("judge is broken");
  expect(server.heads).toEqual([]);
});

test("the next address is tried when one refuses", async () => {
  const server = await keep(startTls(pair, (socket) => socket.write(answer("200 OK"))));
  const connectTo = async (): Promise<ReturnType<typeof success<readonly string[]>>> =>
    success(["127.0.0.9", "127.0.0.1"]);
  expect(await tryOut(server.port, { connectTo })).toContain("no problem");
});

test("the most telling failure is told, with all of them as evidence", async () => {
  const http = makeHttp(pair.cert, { connectTo: async () => success(["255.255.255.255", "127.0.0.9"]) });
  const result = await http.request({ method: "GET", url: new URL("https://reg.test:9/") });
  http.close();
  expect(codeOf(result)).toBe("RC-NET-002");
  expect(result.ok ? [] : result.problem.evidence).toHaveLength(2);
});

test("what a port speaks instead of TLS is asked of the very address that was dialled", async () => {
  const server = await keep(startTcp((socket) => socket.once("data", () => socket.end(answer("400 No"))), "127.0.0.2"));
  const http = makeHttp(pair.cert, { connectTo: async () => success(["127.0.0.2"]) });
  const result = await http.request({ method: "GET", url: new URL(`https://reg.test:${server.port}/`) });
  http.close();
  expect(codeOf(result)).toBe("RC-NET-006");
  expect(result.ok ? [] : result.problem.evidence).toEqual([
    expect.stringMatching(/^127\.0\.0\.2 port \d+: ERR_SSL_/),
    "it answers: HTTP/1.1 400 No",
  ]);
});

test("the caller's stop ends a stalled handshake", async () => {
  const server = await keep(startTcp(() => stop.abort()));
  const stop = new AbortController();
  expect(await tryOut(server.port, { signal: stop.signal })).toBe("RC-NET-016");
});

test("an IP address is dialled without SNI, a name with it", async () => {
  const seen: unknown[] = [];
  const server = await keep(
    startTls(pair, (socket) => {
      seen.push((socket as { servername?: unknown }).servername);
      socket.write(answer("200 OK"));
    }),
  );
  await tryOut(server.port, {}, "127.0.0.1");
  await tryOut(server.port, {}, "reg.test");
  expect(seen).toEqual([false, "reg.test"]);
});

test.each([
  ["is preferred to Node's refusal", () => other],
  ["refuses what Node accepts", () => pair],
])("the judge's problem %s, and no byte of HTTP is sent", async (_, served) => {
  const server = await keep(startTls(served(), (socket) => socket.write(answer("200 OK"))));
  const chains: number[] = [];
  const judge: NonNullable<HttpOptions["judge"]> = (chain, host) => {
    chains.push(chain.length);
    return problem("RC-NAM-001", { name: host, reason: "judged" });
  };
  expect(await tryOut(server.port, { judge })).toBe("RC-NAM-001");
  expect(chains).toEqual([1]);
  expect(server.heads).toEqual([]);
});

test("no CA means no trust, not the system's", async () => {
  const server = await keep(startTls(pair, (socket) => socket.write(answer("200 OK"))));
  expect(await tryOut(server.port, { trust: { ca: [] } })).toBe("RC-NET-010");
});

test("a connection is kept for the next request, and one that died meanwhile is made anew", async () => {
  const server = await keep(
    startTls(pair, (socket) => (server.heads.length === 3 ? socket.destroy() : socket.write(answer("200 OK")))),
  );
  const http = makeHttp(pair.cert);
  const connections: number[] = [];
  for (const path of ["/a", "/b", "/c"]) {
    const response = valueOf(
      await http.request({ method: "GET", url: new URL(`https://reg.test:${server.port}${path}`) }),
    );
    valueOf(await readBody(response, KiB));
    connections.push(server.connections());
  }
  expect(connections).toEqual([1, 1, 2]);
  expect(server.heads.map((head) => head.split(" ")[1])).toEqual(["/a", "/b", "/c", "/c"]);
  http.close();
});

test("a request is sent anew once, not for ever", async () => {
  const server = await keep(startTls(pair, (socket) => socket.destroy()));
  expect(await tryOut(server.port)).toBe("RC-NET-012");
  expect(server.heads).toHaveLength(2);
});

test("close ends the connections", async () => {
  const closed = Promise.withResolvers<string>();
  const server = await keep(
    startTls(pair, (socket) => {
      socket.once("close", () => closed.resolve("closed"));
      socket.write(answer("200 OK"));
    }),
  );
  expect(await tryOut(server.port)).toContain("no problem");
  expect(await closed.promise).toBe("closed");
});

test("a gzip answer is not unpacked", async () => {
  const bomb = Buffer.alloc(100, 7).toString("latin1");
  const server = await keep(startTls(pair, (s) => s.write(answer("200 OK", ["Content-Encoding: gzip"], bomb))));
  const http = makeHttp(pair.cert);
  const response = valueOf(await http.request({ method: "GET", url: new URL(`https://reg.test:${server.port}/`) }));
  expect(valueOf(await readBody(response, KiB))).toHaveLength(100);
  expect(server.heads[0]).not.toMatch(/accept-encoding/i);
  http.close();
});

test("http:// is never spoken", async () => {
  const http = makeHttp(pair.cert);
  await expect(http.request({ method: "GET", url: new URL("http://reg.test/") })).rejects.toThrow("only https://");
  http.close();
});
