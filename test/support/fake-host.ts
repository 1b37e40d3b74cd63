import { join } from "node:path";
import { createReadFiles, createWriteFiles } from "../../src/host/node-files.ts";
import { createLock } from "../../src/host/node-lock.ts";
import { makeScratch } from "../../src/host/node-scratch.ts";
import type { Processes, Caller, Host, Terminal } from "../../src/host/ports.ts";

/** What a scripted host differs in from a quiet one. */
export interface FakeHostOptions {
  /** Programs of the host; none can be run unless said. */
  readonly processes?: Processes;
  /** Directory that all paths of the host lie below. */
  readonly root: string;
  /** What the person at the terminal answers, in turn; without it, there is no terminal. */
  readonly answers?: readonly (string | undefined)[];
  readonly stdin?: string | Uint8Array;
  readonly colour?: boolean;
  readonly hasScreen?: boolean;
  /** Ends what waits; never, unless said. */
  readonly signal?: AbortSignal;
  /** Addresses by name; undefined where no name server answers. */
  readonly addresses?: Readonly<Record<string, readonly string[] | undefined>>;
  readonly caller?: Partial<Caller>;
  /** Milliseconds since the epoch. */
  readonly now?: number;
  /** Milliseconds that the machine has been up; unless said, as much as the clock says. */
  readonly uptime?: number;
}

/** What was written to a scripted terminal, and what it was asked. */
export interface Transcript {
  out: string;
  err: string;
  readonly questions: { readonly text: string; readonly hidden: boolean }[];
}

/** A host over a real directory, with a scripted terminal and a clock that moves only while somebody sleeps. */
export function makeFakeHost(options: FakeHostOptions, transcript: Transcript = newTranscript()): Host {
  const { root } = options;
  let slept = 0;
  return {
    files: createReadFiles(root),
    writer: createWriteFiles(root),
    clock: {
      now: () => options.now ?? Date.now(),
      elapsed: () => slept,
      sleep: async (milliseconds) => void (slept += milliseconds),
    },
    uptime: () => options.uptime ?? options.now ?? Date.now(),
    resolver: {
      lookup: async (host) => (host in (options.addresses ?? {}) ? options.addresses?.[host] : []),
    },
    terminal: makeTerminal(options, transcript),
    caller: {
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      login: "tester",
      home: "/root",
      hostname: "client-1",
      environment: {},
      ...options.caller,
    },
    processes: options.processes ?? {
      run: async () => ({ code: undefined, stdout: new Uint8Array(), stderr: "no such program" }),
    },
    makeScratch: async () => makeScratch(root),
    lock: createLock(join(root, "run/regclient/lock"), "a test"),
    signal: options.signal ?? new AbortController().signal,
  };
}

/** An empty transcript. */
export function newTranscript(): Transcript {
  return { out: "", err: "", questions: [] };
}

function makeTerminal(options: FakeHostOptions, transcript: Transcript): Terminal {
  const answers = [...(options.answers ?? [])];
  return {
    interactive: options.answers !== undefined,
    colour: options.colour ?? false,
    columns: 100,
    hasScreen: options.hasScreen ?? false,
    outClosed: () => new AbortController().signal,
    clearScreen: () => void (transcript.out += "[cleared]\n"),
    writeOut: (text) => void (transcript.out += text),
    writeErr: (text) => void (transcript.err += text),
    ask: async (text, { hidden }) => {
      transcript.questions.push({ text, hidden });
      return answers.shift();
    },
    readInput: async (maxBytes) => {
      const bytes = Buffer.from(options.stdin ?? "");
      return bytes.length > maxBytes ? undefined : bytes;
    },
  };
}
