import { setTimeout as wait } from "node:timers/promises";
import { connect, type Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { reveal, secret } from "../../src/credentials/secret.ts";
import { askSocket } from "../../src/credentials/socket-client.ts";
import { renderRequest } from "../../src/credentials/socket-protocol.ts";
import { dial, login, password, readAll, serve, type Served } from "./served.ts";

const REQUEST = renderRequest("devregistry") ?? "";
const PATIENT = { timeoutMs: 10_000 };

/** A client that behaves gets its login: the server goes on. */
async function expectServing({ path }: Served): Promise<void> {
  const answer = await askSocket(path, "devregistry", PATIENT);
  expect(answer.kind === "login" && [answer.username, reveal(answer.secret)]).toEqual(["xl", password]);
}

async function logged({ lines }: Served, text: string): Promise<void> {
  await vi.waitFor(() => expect(lines.join("")).toContain(text));
}

test("who asks is answered, and it is logged without the secret", async () => {
  const served = await serve();
  await expectServing(served);
  await logged(served, "<6>login asked for uid=1000 gid=1000 pid=4242 registry=devregistry outcome=given ms=");
  expect(served.lines.join("")).not.toContain(password);
});

test("who has ended its own half is answered all the same", async () => {
  const served = await serve();
  const socket = await dial(served.path);
  socket.end(REQUEST);
  expect(await readAll(socket)).toBe(`{"version":1,"username":"xl","secret":"${password}"}\n`);
});

test("a request in pieces is a request", async () => {
  const served = await serve();
  const socket = await dial(served.path);
  for (const part of [REQUEST.slice(0, 5), REQUEST.slice(5, 20), REQUEST.slice(20)]) {
    socket.write(part);
    await wait(5);
  }
  expect(await readAll(socket)).toContain(password);
});

test.each([
  ["no JSON", "GET / HTTP/1.1\r\n\r\n", "bad-request"],
  ["more than one line", REQUEST + REQUEST, "bad-request"],
  ["control characters in the name", '{"version":1,"get":"a\\nb"}\n', "given"],
])("%s", async (_, text, outcome) => {
  const served = await serve();
  const socket = await dial(served.path);
  socket.write(text);
  expect(await readAll(socket)).toMatch(/^\{"version":1,.*\}\n$/);
  await logged(served, `outcome=${outcome}`);
  expect(served.lines.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
  await expectServing(served);
});

test("a request without end is cut off at its limit, however fast it comes", async () => {
  const served = await serve();
  const socket = await dial(served.path);
  let taken = 0;
  const flood = Buffer.alloc(16 * 1024, "x");
  socket.on("drain", () => socket.write(flood, () => (taken += flood.length)));
  socket.write(flood);
  socket.write(Buffer.alloc(4 * 1024 * 1024, "x"));
  await new Promise<void>((resolve) => void socket.once("close", () => resolve()));
  // what fits between two processes, and no more
  expect(taken).toBeLessThan(2 * 1024 * 1024);
  await logged(served, "outcome=bad-request");
  await expectServing(served);
});

test("a client of one byte at a time is ended when its time is up", async () => {
  const served = await serve({ limits: { connectionMs: 150 } });
  const socket = await dial(served.path);
  const slowly = setInterval(() => socket.write("{"), 20);
  const said = await readAll(socket).catch(() => "");
  clearInterval(slowly);
  // who goes on writing to a closed connection may be reset before it has read what was said
  if (said !== "")
    expect(JSON.parse(said)).toMatchObject({ error: "unavailable", reason: "nothing was asked in time" });
  await logged(served, "registry=- outcome=timed-out");
  await expectServing(served);
});

test("a client that says nothing, and one that leaves, cost nothing", async () => {
  const served = await serve({ limits: { connectionMs: 150 } });
  const [silent, leaving] = [await dial(served.path), await dial(served.path)];
  leaving.destroy();
  expect(await readAll(silent)).toContain("unavailable");
  await logged(served, "outcome=hung-up");
  await expectServing(served);
});

test("a client that does not read its answer is ended when its time is up", async () => {
  const long = secret("x".repeat(1_000_000));
  const served = await serve({
    limits: { connectionMs: 200 },
    lookup: async (registry) =>
      registry === "long" ? { registry, answer: { kind: "login", username: "xl", secret: long } } : login(registry),
  });
  const socket = await dial(served.path);
  socket.pause().write(renderRequest("long") ?? "");
  await logged(served, "registry=long outcome=not-taken");
  await expectServing(served);
});

test("a look-up that takes too long is answered in time", async () => {
  const served = await serve({
    limits: { connectionMs: 100 },
    lookup: async (name) => (name === "stuck" ? new Promise(() => undefined) : login(name)),
  });
  expect(await askSocket(served.path, "stuck", PATIENT)).toMatchObject({ kind: "error", error: "unavailable" });
  await logged(served, "registry=stuck outcome=timed-out");
  await expectServing(served);
});

test("a fault in one look-up touches no other", async () => {
  const served = await serve({
    lookup: async (name) => {
      if (name === "broken") throw new Error("a bug");
      return login(name);
    },
  });
  const [broken] = await Promise.all([askSocket(served.path, "broken", PATIENT), expectServing(served)]);
  expect(broken).toMatchObject({ kind: "error", error: "unavailable" });
  await logged(served, '<3>a look-up failed by a fault of regclient registry=broken reason="Error: a bug"');
});

test("nobody is served when the kernel does not say who asks", async () => {
  const served = await serve({ peerOf: () => undefined });
  expect(await askSocket(served.path, "devregistry", PATIENT)).toMatchObject({ kind: "error", error: "unavailable" });
});

test("the server's own trials are no access", async () => {
  const counted: string[] = [];
  const served = await serve({ ownPid: 4242, onAsked: (outcome) => counted.push(outcome) });
  await expectServing(served);
  await served.stop(0);
  expect([served.lines, counted]).toEqual([[], []]);
});

test("whoever counts is told how each question ended", async () => {
  const counted: string[] = [];
  const served = await serve({ onAsked: (outcome) => counted.push(outcome) });
  await expectServing(served);
  const socket = await dial(served.path);
  socket.end("no request\n");
  await readAll(socket);
  await served.stop(0);
  expect(counted).toEqual(["given", "bad-request"]);
});

test("a thousand who ask at once are all answered", async () => {
  const served = await serve();
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async () => askSocket(served.path, "devregistry", PATIENT)),
  );
  expect(answers.filter(({ kind }) => kind === "login")).toHaveLength(1000);
  await vi.waitFor(() => expect(served.lines).toHaveLength(1000));
});

test("a thousand who hold their connections keep out neither others nor, for longer than one's time, their own", async () => {
  let accepted = 0;
  const served = await serve({
    limits: { connectionMs: 1000 },
    peerOf: () => ({ uid: (accepted += 1) === 1001 ? 1001 : 1000, gid: 1000, pid: 4242, groups: [] }),
  });
  const holders = await Promise.all(Array.from({ length: 1000 }, async () => dialPatiently(served.path)));
  const ended = Promise.all(holders.map(async (socket) => readAll(socket)));
  await expectServing(served);
  expect((await ended).every((said) => said.includes("unavailable"))).toBe(true);
  await expectServing(served);
});

test("who finds the line full is told so, and the journal is told once", async () => {
  const served = await serve({ limits: { served: 1, perUser: 1, waiting: 1, connectionMs: 1000 } });
  const [first, second] = [await dial(served.path), await dial(served.path)];
  await wait(20);
  const refused = await Promise.all(
    Array.from({ length: 20 }, async () => askSocket(served.path, "devregistry", PATIENT)),
  );
  expect(refused.every((answer) => answer.kind === "error" && answer.error === "unavailable")).toBe(true);
  first.write(REQUEST);
  expect(await readAll(first)).toContain(password);
  second.write(REQUEST);
  expect(await readAll(second)).toContain(password);
  await logged(served, "<4>no more connections are turned away count=20");
  expect(served.lines).toHaveLength(4);
});

test("stopping finishes what was asked, ends what was not, and takes nothing new", async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const served = await serve({ lookup: async (name) => held.then(() => login(name)) });
  const [asking, idle] = [await dial(served.path), await dial(served.path)];
  asking.write(REQUEST);
  await wait(30);
  const stopping = served.stop(1000);
  expect(await readAll(idle)).toContain("unavailable");
  expect(await askSocket(served.path, "devregistry", PATIENT)).toEqual({ kind: "no-socket" });
  release();
  expect(await readAll(asking)).toContain(password);
  await stopping;
});

test("stopping waits for nothing longer than it was told", async () => {
  const served = await serve({ lookup: async () => new Promise(() => undefined) });
  const socket = await dial(served.path);
  socket.write(REQUEST);
  await wait(30);
  await served.stop(50);
  expect(await readAll(socket)).toContain("unavailable");
});

/** The kernel turns connections away while its own line is full. */
async function dialPatiently(path: string): Promise<Socket> {
  for (;;) {
    const socket = connect({ path, allowHalfOpen: true });
    const connected = await new Promise<boolean>((resolve) => {
      socket.on("error", () => resolve(false)).once("connect", () => resolve(true));
    });
    if (connected) return socket;
    await wait(5);
  }
}
