import { lstatSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeSocketFile } from "../../src/daemon/socket-file.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o660 };

async function bind(path: string): Promise<Server> {
  const server = createServer((socket) => void socket.on("error", () => undefined).end("hello"));
  await new Promise<void>((resolve, reject) => void server.once("error", reject).listen(path, resolve));
  onTestFinished(() => void server.close());
  return server;
}

async function greetingAt(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of connect(path)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test.each([0o000, 0o022, 0o777])("the socket has its mode whatever the umask: %o", async (umask) => {
  const path = join(makeScratchRoot(), "run/regclient/s");
  const before = process.umask(0o022);
  const made = await makeSocketFile(path, owner, async (inner) => {
    process.umask(umask);
    const server = await bind(inner);
    process.umask(before);
    return server;
  });
  process.umask(before);
  expect(made.ok).toBe(true);
  expect(lstatSync(path).mode & 0o7777).toBe(0o660);
  expect(await greetingAt(path)).toBe("hello");
  expect(readdirSync(dirname(path))).toEqual(["s"]);
  if (made.ok) await made.value.remove();
  expect(readdirSync(dirname(path))).toEqual([]);
});

test("a socket that nobody answers at is replaced", async () => {
  const path = join(makeScratchRoot(), "s");
  const dead = await bind(`${path}.dead`);
  // closing would remove it, as a killed process does not
  renameSync(`${path}.dead`, path);
  await new Promise<void>((resolve) => void dead.close(() => resolve()));
  expect(lstatSync(path).isSocket()).toBe(true);
  expect(await makeSocketFile(path, owner, bind)).toMatchObject({ ok: true });
  expect(await greetingAt(path)).toBe("hello");
});

test("a socket that somebody answers at is left alone", async () => {
  const path = join(makeScratchRoot(), "s");
  await bind(path);
  const refused = await makeSocketFile(path, owner, async () => expect.unreachable());
  expect(refused).toMatchObject({ ok: false, problem: { code: "RC-CRD-023" } });
  expect(await greetingAt(path)).toBe("hello");
});

test("what is no socket is left alone", async () => {
  const path = join(makeScratchRoot(), "s");
  writeFileSync(path, "mine");
  const refused = await makeSocketFile(path, owner, async () => expect.unreachable());
  expect(refused).toMatchObject({ ok: false, problem: { code: "RC-CRD-022", cause: "it is there, and is no socket" } });
  expect(lstatSync(path).isFile()).toBe(true);
});

test("a socket that another process has put in its place meanwhile is not removed", async () => {
  const path = join(makeScratchRoot(), "s");
  const made = await makeSocketFile(path, owner, bind);
  renameSync(path, `${path}.old`);
  await bind(path);
  if (made.ok) await made.value.remove();
  expect(await greetingAt(path)).toBe("hello");
});

test("a failing bind leaves nothing", async () => {
  const path = join(makeScratchRoot(), "s");
  const failed = await makeSocketFile(path, owner, async () => Promise.reject(new Error("no room")));
  expect(failed).toMatchObject({ ok: false, problem: { code: "RC-CRD-022", cause: "no room" } });
  expect(readdirSync(dirname(path))).toEqual([]);
});
