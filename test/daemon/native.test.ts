import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadNative, type Native } from "../../src/host/native.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";
import { listenForDatagrams } from "./datagrams.ts";

async function native(): Promise<Native> {
  const loaded = await loadNative();
  if (!loaded.ok) throw new Error(loaded.problem.cause);
  return loaded.value;
}

async function acceptOne(path: string): Promise<{ accepted: Socket; listening: number }> {
  const server = createServer();
  server.listen(path);
  await once(server, "listening");
  const accepting = once(server, "connection") as Promise<[Socket]>;
  const client = connect(path);
  const [accepted] = await accepting;
  onTestFinished(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  const { _handle: handle } = server as unknown as { readonly _handle: { readonly fd: number } };
  return { accepted, listening: handle.fd };
}

test("the kernel says who is at the other end", async () => {
  const { peerOf } = await native();
  const { accepted } = await acceptOne(join(makeScratchRoot(), "s"));
  const peer = peerOf(accepted);
  expect(peer).toMatchObject({ pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() });
  const groups = new Set(process.getgroups?.());
  expect([...groups].filter((group) => group !== peer?.gid && !peer?.groups.includes(group))).toEqual([]);
});

test("nothing is made up for a socket that is closed", async () => {
  const { peerOf } = await native();
  const { accepted } = await acceptOne(join(makeScratchRoot(), "s"));
  accepted.destroy();
  expect(peerOf(accepted)).toBeUndefined();
});

test("the path of a listening socket is known", async () => {
  const { boundPath } = await native();
  const path = join(makeScratchRoot(), "s");
  const { listening } = await acceptOne(path);
  expect(boundPath(listening)).toBe(path);
  expect(boundPath(9999)).toBeUndefined();
});

test.each([
  ["a file", (): string => join(makeScratchRoot(), "notify")],
  ["an abstract name", (): string => `@regclient-test-${process.pid}`],
])("systemd is told at %s", async (_, place) => {
  const { notifySystemd } = await native();
  const path = place();
  const received = listenForDatagrams(path);
  expect(notifySystemd(path, "READY=1\nSTATUS=ähem")).toBe(true);
  expect(received()).toEqual(["READY=1\nSTATUS=ähem"]);
});

test.each(["/nowhere/at/all", "@nobody-listens-here", "vsock:2:1", `/${"x".repeat(200)}`])(
  "telling %s is no failure of ours",
  async (path) => {
    expect((await native()).notifySystemd(path, "READY=1")).toBe(false);
  },
);
