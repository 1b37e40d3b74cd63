import { spawn } from "node:child_process";
import type { Processes, ProcessOptions, ProcessResult } from "./ports.ts";

const MAX_OUTPUT = 4 * 1024 * 1024;

/** Programs as children of this process. `signal` ends them all. */
export function createProcesses(signal: AbortSignal): Processes {
  return { run: (argv, options) => run(argv, options, signal) };
}

async function run(argv: readonly string[], options: ProcessOptions, signal: AbortSignal): Promise<ProcessResult> {
  const [file = "", ...args] = argv;
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const limit = options.afterStop === true ? timeout : AbortSignal.any([signal, timeout]);
  const env = { ...process.env, ...options.environment };
  const child = spawn(file, args, { env, stdio: ["pipe", "pipe", "pipe"], signal: limit, killSignal: "SIGKILL" });
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
