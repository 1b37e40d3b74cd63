import { createServer, type Socket } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { askSocket } from "../../src/credentials/socket-client.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

async function listen(greet: (socket: Socket) => void): Promise<string> {
  const path = join(makeScratchRoot(), "s");
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => undefined));
    greet(socket);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  return path;
}

test.each([
  ["no file", (): string => join(makeScratchRoot(), "nothing")],
  ["no folder", (): string => join(makeScratchRoot(), "no/such/folder")],
  [
    "a file that is no socket",
    (): string => {
      const path = join(makeScratchRoot(), "file");
      writeFileSync(path, "");
      return path;
    },
  ],
])("%s is no socket", async (_, place) => {
  expect(await askSocket(place(), "devregistry", { timeoutMs: 1000 })).toEqual({ kind: "no-socket" });
});

test.each([
  ["ends at once", (socket: Socket): void => void socket.end()],
  ["resets", (socket: Socket): void => void socket.destroy()],
  ["ends in the middle", (socket: Socket): void => void socket.end('{"version":1,"user')],
  ["speaks something else", (socket: Socket): void => void socket.end("HTTP/1.1 400 Bad Request\n")],
  ["says a second line", (socket: Socket): void => void socket.end('{"version":1}\n{}\n')],
  [
    "never ends its line",
    (socket: Socket): void => void setInterval(() => socket.write("x".repeat(65_536)), 1).unref(),
  ],
  ["says nothing", (): void => undefined],
  ["says one byte at a time", (socket: Socket): void => void setInterval(() => socket.write("{"), 20).unref()],
])("what %s has not answered", async (_, greet) => {
  const path = await listen(greet);
  expect(await askSocket(path, "devregistry", { timeoutMs: 500 })).toMatchObject({ kind: "no-answer" });
});

test("a name that fits into no request is not found, and nobody is bothered", async () => {
  const answer = await askSocket("/nowhere", "x".repeat(5000), { timeoutMs: 500 });
  expect(answer).toMatchObject({ kind: "error", error: "not-found" });
});
