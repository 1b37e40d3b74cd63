import { mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { run, type Machine } from "../../../src/cli/run.ts";
import { reveal, secret } from "../../../src/credentials/secret.ts";
import type { SecretStore } from "../../../src/credentials/secret-store.ts";
import { createNodeHost } from "../../../src/host/node-host.ts";
import type { Attributes, Host, WriteFiles } from "../../../src/host/ports.ts";

/** How a run on a scratch root is to go. */
export interface CrashSetup {
  readonly root: string;
  readonly stdin: string;
  /** `keychain`: the tree passes for a running system whose keychain is a file in it. */
  readonly vault: "sealed" | "keychain";
}

/** Told of every call that changes the host, before it is made. `tear` makes only the first half of it, if it has one. */
export type OnCall = (call: string, tear: (() => void) | undefined) => Promise<void>;

/** What a run printed. */
export interface Printed {
  text: string;
}

/** Runs a command line as src/main.ts does, with every change announced to `onCall`. Gives the exit code. */
export async function runAnnounced(
  argv: readonly string[],
  setup: CrashSetup,
  onCall: OnCall,
  printed: Printed = { text: "" },
): Promise<number> {
  const hostAt: Machine["hostAt"] = (root, terminal) => {
    const host = createNodeHost(root, terminal, new AbortController().signal);
    const print = (text: string): void => void (printed.text += text);
    return {
      ...host,
      // what looks like a running system may have a keychain
      files: setup.vault === "keychain" ? { ...host.files, root: "/" } : host.files,
      writer: announceWrites(host, onCall),
      terminal: {
        ...host.terminal,
        writeOut: print,
        writeErr: print,
        readInput: async () => Buffer.from(setup.stdin),
      },
    };
  };
  const keychain = announceSecrets(keychainIn(setup.root), onCall);
  return run(["--root", setup.root, ...argv], { version: "0", hostAt, keychain });
}

function announceWrites({ writer, files }: Host, onCall: OnCall): WriteFiles {
  const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.floor(bytes.length / 2));
  const tearFile = (path: string, bytes: Uint8Array) => () =>
    writeFileSync(files.realPath(path), half(bytes), { mode: 0o600, flag: "wx" });
  const tearOver = (path: string, bytes: Uint8Array) => () =>
    void writeSync(openSync(files.realPath(path), "r+"), half(bytes), 0, undefined, 0);
  const tearDirectory = (path: string) => () => mkdirSync(files.realPath(path), { mode: 0o700 });
  const plain =
    <Args extends readonly string[]>(name: string, act: (...args: Args) => Promise<void>) =>
    async (...args: Args): Promise<void> => {
      await onCall([name, ...args].join(" "), undefined);
      await act(...args);
    };
  return {
    createFile: async (path: string, bytes: Uint8Array, attributes: Attributes) => {
      await onCall(`createFile ${path}`, tearFile(path, bytes));
      await writer.createFile(path, bytes, attributes);
    },
    overwriteFile: async (path: string, bytes: Uint8Array) => {
      await onCall(`overwriteFile ${path}`, tearOver(path, bytes));
      await writer.overwriteFile(path, bytes);
    },
    makeDirectory: async (path: string, attributes: Attributes) => {
      await onCall(`makeDirectory ${path}`, tearDirectory(path));
      await writer.makeDirectory(path, attributes);
    },
    linkFile: plain("linkFile", writer.linkFile),
    rename: plain("rename", writer.rename),
    removeFile: plain("removeFile", writer.removeFile),
    removeDirectory: plain("removeDirectory", writer.removeDirectory),
    syncDirectory: plain("syncDirectory", writer.syncDirectory),
  };
}

function announceSecrets(keychain: SecretStore, onCall: OnCall): SecretStore {
  return {
    read: keychain.read,
    store: async (item, value, signal) => {
      await onCall("store secret", undefined);
      await keychain.store(item, value, signal);
    },
    discard: async (item, signal) => {
      await onCall("discard secret", undefined);
      await keychain.discard(item, signal);
    },
  };
}

/** A keychain that is a file of the tree, so that an orphan in it shows. */
function keychainIn(root: string): SecretStore {
  const path = join(root, "keychain.json");
  const items = (): Record<string, string> => JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
  const save = (all: Record<string, string>): void => writeFileSync(path, JSON.stringify(all));
  return {
    store: async (item, value) => save({ ...items(), [item]: reveal(value) }),
    read: async (item) => {
      const value = items()[item];
      return value === undefined ? undefined : secret(value);
    },
    discard: async (item) => save(Object.fromEntries(Object.entries(items()).filter(([name]) => name !== item))),
  };
}
