import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseRequest, renderAnswer } from "../../src/credentials/socket-protocol.ts";
import { runCommand, type Ran } from "../support/command-line.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

const SOCKET = "/run/regclient/credentials.sock";

/** `daemon --probe` against a daemon that does `answer`; without one, nothing listens. */
async function probe(answer?: (socket: Socket, asked: string | undefined) => void): Promise<Ran> {
  const root = makeScratchRoot({ "/run/regclient/x": "" });
  if (answer !== undefined) {
    const server = createServer((socket) =>
      socket.once("data", (bytes: Buffer) => answer(socket, parseRequest(bytes))),
    );
    server.listen(join(root, SOCKET));
    await once(server, "listening");
    onTestFinished(() => void server.close());
  }
  return runCommand(["daemon", "--probe"], { root });
}

test("an answer is a sign of life, whatever it says, and no registry's login is asked for", async () => {
  const asked: (string | undefined)[] = [];
  const { exit, out, err } = await probe((socket, server) => {
    asked.push(server);
    socket.end(renderAnswer({ kind: "error", error: "not-found", reason: "not enrolled" }));
  });
  expect({ exit, err, asked }).toEqual({ exit: 0, err: "", asked: ["probe.invalid"] });
  expect(out).toMatch(/^the daemon answers at .*\/run\/regclient\/credentials\.sock\n$/);
});

test.each([
  ["nothing listens", undefined, "nothing listens there"],
  ["it hangs up", (socket: Socket) => void socket.end(), "the daemon ended the connection without a whole answer"],
])("no sign of life: %s", async (_, answer, cause) => {
  const { exit, err } = await probe(answer);
  expect(exit).toBe(7);
  expect(err).toContain("[RC-CRD-034]");
  expect(err).toContain(`cause: ${cause}`);
});
