import { lstatSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { createMetricsPart } from "../../../src/daemon/metrics/metrics-part.ts";
import { makeScratchRoot } from "../../support/scratch-root.ts";
import { dial, readAll, say, serveAt, type Serving } from "./serving.ts";

const HEADERS = "Host: localhost\r\n\r\n";
const loopback = { kind: "loopback", host: "127.0.0.1", port: 0 } as const;

function socketListen(): { readonly kind: "socket"; readonly path: string } {
  return { kind: "socket", path: join(makeScratchRoot(), "run", "metrics.sock") };
}

describe.each<[string, () => Promise<Serving>]>([
  ["a Unix socket", async () => serveAt(socketListen())],
  ["the loopback", async () => serveAt(loopback)],
  ["the loopback of IPv6", async () => serveAt({ ...loopback, host: "::1" })],
])("on %s", (_, serve) => {
  test("the metrics are given, in the format they have, one request a connection", async () => {
    const { at } = await serve();
    const answer = await say(at, `GET /metrics HTTP/1.1\r\n${HEADERS}GET /metrics HTTP/1.1\r\n${HEADERS}`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain("content-type: text/plain; version=0.0.4; charset=utf-8\r\n");
    expect(answer).toContain("connection: close\r\n");
    expect(answer.split("\r\n\r\n").slice(1)).toEqual(["page 1\n"]);
  });

  test("HEAD is answered without a body", async () => {
    const answer = await say((await serve()).at, `HEAD /metrics HTTP/1.1\r\n${HEADERS}`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain("content-length: 7\r\n");
    expect(answer).toMatch(/\r\n\r\n$/);
  });

  test.each([
    ["a query", "GET /metrics?x=1", 200],
    ["another path", "GET /", 404],
    ["a path below", "GET /metrics/x", 404],
    ["a path that walks", "GET /x/../metrics", 404],
    ["a whole URL", "GET http://localhost/metrics", 404],
    ["POST", "POST /metrics", 405],
    ["OPTIONS", "OPTIONS /metrics", 405],
    ["DELETE of another path", "DELETE /x", 404],
    ["what is no HTTP", "x", 400],
  ])("%s: %s is answered with %i", async (_, line, status) => {
    const answer = await say((await serve()).at, `${line} HTTP/1.1\r\n${HEADERS}`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (status === 405) expect(answer).toContain("allow: GET, HEAD\r\n");
    if (status !== 200) expect(answer).not.toContain("page 1");
  });

  test("a header that is too long is refused, and others are served", async () => {
    const { at } = await serve();
    const long = `GET /metrics HTTP/1.1\r\nX: ${"x".repeat(100_000)}\r\n${HEADERS}`;
    expect(await say(at, long)).not.toContain("page 1");
    expect(await say(at, `GET /metrics HTTP/1.1\r\n${HEADERS}`)).toContain("page 1");
  });
});

test("a web page that was made to lead here is not answered on the loopback", async () => {
  const { at } = await serveAt(loopback);
  const answer = await say(at, "GET /metrics HTTP/1.1\r\nHost: evil.test\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 421 /);
  expect(answer).not.toContain("page 1");
  expect(await say(at, "GET /metrics HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 421 /);
});

test("at a socket, any name is this host", async () => {
  const { at } = await serveAt(socketListen());
  expect(await say(at, "GET /metrics HTTP/1.1\r\nHost: any.test\r\n\r\n")).toContain("page 1");
});

test.each([
  ["say nothing", ""],
  ["never end a header", "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX"],
  ["never end a body", `POST /metrics HTTP/1.1\r\nContent-Length: 1000000\r\n${HEADERS}x`],
])("clients that %s hold up others no longer than their time", async (_, text) => {
  const { at } = await serveAt(loopback, { limits: { connections: 2, connectionMs: 300 } });
  const slow = await Promise.all([dial(at), dial(at)]);
  const ends = slow.map(readAll);
  for (const socket of slow) socket.write(text);
  await Promise.all(ends);
  expect(await say(at, `GET /metrics HTTP/1.1\r\n${HEADERS}`)).toContain("page 1");
});

test("more connections than there is room for are closed", async () => {
  const { at } = await serveAt(loopback, { limits: { connections: 2 } });
  await Promise.all([dial(at), dial(at)]);
  expect(await readAll(await dial(at))).toBe("");
});

test("a fault in the metrics costs the one who asked, and is in the log", async () => {
  const page = { render: async () => Promise.reject(new Error("inner words")), contentType: "text/plain" };
  const { at, lines } = await serveAt(loopback, { page });
  const answer = await say(at, `GET /metrics HTTP/1.1\r\n${HEADERS}`);
  expect(answer).toMatch(/^HTTP\/1\.1 500 /);
  expect(answer).not.toContain("inner words");
  expect(lines.join("")).toContain("inner words");
});

test("a socket has the mode it should have, and is gone at the end; connections that stay are ended", async () => {
  const listen = socketListen();
  const { part, at } = await serveAt(listen);
  expect(lstatSync(listen.path).mode & 0o7777).toBe(0o660);
  expect(await part.isAlive()).toBe(true);
  const idle = readAll(await dial(at));
  await part.stop(10);
  expect(await idle).toBe("");
  expect(readdirSync(dirname(listen.path))).toEqual([]);
  expect(await part.isAlive()).toBe(false);
});

test("what stands where the socket should be is left", async () => {
  const listen = socketListen();
  const path = join(dirname(dirname(listen.path)), "metrics.sock");
  writeFileSync(path, "mine");
  await expect(serveAt({ kind: "socket", path })).rejects.toThrow("it is there, and is no socket");
  expect(lstatSync(path).isFile()).toBe(true);
});

test("a port that somebody has is a Problem that says where", async () => {
  const { at } = await serveAt(loopback);
  const port = "port" in at ? Number(at.port) : 0;
  const log = (): undefined => undefined;
  const page = { render: async () => "", contentType: "text/plain" };
  const owner = { uid: 0, gid: 0, mode: 0o660 };
  const part = createMetricsPart({ listen: { ...loopback, port }, owner, log, page });
  expect(await part.start(new AbortController().signal)).toMatchObject({
    ok: false,
    problem: { code: "RC-HST-030", summary: `metrics cannot be served on 127.0.0.1:${port}` },
  });
});
