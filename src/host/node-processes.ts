import { spawn } from "node:child_process";
import type { Processes, ProcessResult } from "./ports.ts";

const MAX_OUTPUT = 4 * 1024 * 1024;

/** Programs as children of this process. `signal` ends them all. */
export function createProcesses(signal: AbortSignal): Processes {
  return { run: (argv, options) => run(argv, options, signal) };
}

async function run(
  argv: readonly string[],
  options: { readonly input: Uint8Array; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<ProcessResult> {
  const [file = "", ...args] = argv;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], signal: limit, killSignal: "SIGKILL" });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  // a program that does not read its input ends the pipe, and says why on stderr
  child.stdin.on("error", () => undefined).end(options.input);
  const code = await new Promise<number | undefined>((resolve) => {
    child.once("error", (error) => {
      stderr.push(Buffer.from(error.message));
      resolve(undefined);
    });
    child.once("close", (status) => resolve(status ?? undefined));
  });
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString("utf8").trim() };
}

function collect(stream: NodeJS.ReadableStream): Buffer[] {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MAX_OUTPUT) chunks.push(chunk);
  });
  return chunks;
}
