import { readSync, writeSync } from "node:fs";
import type { SecretStore } from "../credentials/secret-store.ts";
import { CREDENTIAL_SOCKET } from "../credentials/socket-protocol.ts";
import { createReadFiles } from "../host/node-files.ts";
import type { Processes } from "../host/ports.ts";
import { runHelper, type HelperContext } from "./helper.ts";

const SOCKET_TIMEOUT_MS = 10_000;
const STDIN = 0;
const STDOUT = 1;

void main();

/** This program starts at every pull of every user, so it loads what a request needs when it needs it. */
async function main(): Promise<void> {
  const { signal } = new AbortController();
  const keychain = lateKeychain();
  const hasSession = process.platform !== "linux" || Boolean(process.env["DBUS_SESSION_BUS_ADDRESS"]);
  const context: HelperContext = {
    files: createReadFiles("/"),
    signal,
    processes: lateProcesses(signal),
    keychain,
    isRoot: process.getuid?.() === 0,
    hasSession,
    askSocket: async (server) => {
      const { askSocket } = await import("../credentials/socket-client.ts");
      return askSocket(CREDENTIAL_SOCKET, server, { timeoutMs: SOCKET_TIMEOUT_MS });
    },
    change: async () => {
      const { createNodeHost } = await import("../host/node-host.ts");
      const { createLoginChanger } = await import("./change.ts");
      const host = createNodeHost("/", { colour: false, interactive: false }, signal);
      return createLoginChanger(host, keychain, hasSession);
    },
    readInput: async (maxBytes) => readInput(maxBytes),
  };
  const answer = await runHelper(process.argv.slice(2), context);
  writeAll(Buffer.from(answer.text));
  // a keychain call that never came back must not keep Docker waiting
  process.exit(answer.exit);
}

function lateKeychain(): SecretStore {
  const load = async (): Promise<SecretStore> => (await import("../credentials/keychain.ts")).createKeychain();
  return {
    store: async (...args) => (await load()).store(...args),
    read: async (...args) => (await load()).read(...args),
    discard: async (...args) => (await load()).discard(...args),
  };
}

function lateProcesses(signal: AbortSignal): Processes {
  return {
    run: async (argv, options) =>
      (await import("../host/node-processes.ts")).createProcesses(signal).run(argv, options),
  };
}

/** Read without a stream, which alone costs as much as the rest of the program. */
function readInput(maxBytes: number): string {
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.alloc(64 * 1024);
    const count = retry(() => readSync(STDIN, chunk));
    if (count === 0) return Buffer.concat(chunks).toString("utf8");
    chunks.push(chunk.subarray(0, count));
    length += count;
    if (length > maxBytes) return "";
  }
}

function writeAll(bytes: Buffer): void {
  for (let from = 0; from < bytes.length;) from += retry(() => writeSync(STDOUT, bytes, from));
}

/** A pipe may be one that does not wait: then there is nothing to be had at the moment. */
function retry(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
