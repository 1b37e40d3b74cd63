import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Terminal } from "./ports.ts";

/** How the terminal is to behave, as far as the command line and the environment say. */
export interface TerminalOptions {
  readonly colour: boolean | undefined;
  readonly interactive: boolean;
}

/** The terminal of this process. */
export function createTerminal(options: TerminalOptions): Terminal {
  const { stdin, stdout, stderr } = process;
  let closed: AbortSignal | undefined;
  return {
    interactive: options.interactive && stdin.isTTY && stderr.isTTY,
    colour: options.colour ?? (stdout.isTTY && stderr.isTTY),
    columns: stdout.columns ?? 80,
    hasScreen: stdout.isTTY,
    outClosed: () => (closed ??= watchClosing()),
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
    // ECMA-48: cursor to the first place, erase what follows
    clearScreen: () => void stdout.write("\u001b[H\u001b[J"),
    ask: (question, { hidden }) => ask(question, hidden),
    readInput,
  };
}

/** Whoever reads only the beginning, as head does, is no failure. */
function watchClosing(): AbortSignal {
  const closed = new AbortController();
  process.stdout.on("error", () => closed.abort());
  return closed.signal;
}

async function ask(question: string, hidden: boolean): Promise<string | undefined> {
  let muted = false;
  const echo = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!muted) process.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output: echo, terminal: true });
  try {
    return await new Promise<string | undefined>((resolve) => {
      lines.on("close", () => resolve(undefined));
      lines.on("SIGINT", () => {
        lines.close();
        endByInterrupt();
      });
      lines.question(question, resolve);
      muted = hidden;
    });
  } finally {
    lines.close();
    if (hidden) process.stderr.write("\n");
  }
}

/** A person is asked before anything is changed: the process ends by the signal, which shells tell as exit code 130. */
function endByInterrupt(): void {
  process.stderr.write("\nregclient: interrupted; nothing was changed\n");
  process.removeAllListeners("SIGINT");
  process.kill(process.pid, "SIGINT");
}

async function readInput(maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
