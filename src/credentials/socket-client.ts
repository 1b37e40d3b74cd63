import { connect } from "node:net";
import { parseAnswer, renderRequest, socketLimits, type Answer } from "./socket-protocol.ts";

/** What asking came to where the daemon had no say in it. */
export type Unanswered =
  | { readonly kind: "no-socket" }
  /** Something is there, and gave no answer that can be read, or not in time. */
  | { readonly kind: "no-answer"; readonly reason: string };

const RETRY_MS = 20;

/**
 * Asks the daemon's socket at `path` for the login of `server`. Ends within `timeoutMs` and never throws. A socket file
 * the caller may not use is `not-allowed`, as if the daemon had said so.
 */
export async function askSocket(
  path: string,
  server: string,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Answer | Unanswered> {
  const request = renderRequest(server);
  if (request === undefined) return { kind: "error", error: "not-found", reason: "the name is too long" };
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = Math.ceil(deadline - performance.now());
    const answer = left > 0 ? await askOnce(path, request, left) : tooSlow();
    if (answer !== "busy") return answer;
    await new Promise((resume) => void setTimeout(resume, RETRY_MS));
  }
}

/** `busy`: there was no room for one more, neither in the kernel's line nor in the daemon's. */
async function askOnce(path: string, request: string, timeoutMs: number): Promise<Answer | Unanswered | "busy"> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (answer: Answer | Unanswered | "busy"): void => {
      clearTimeout(timer);
      resolve(answer);
      socket.destroy();
      for (const chunk of chunks.splice(0)) chunk.fill(0);
    };
    const timer = setTimeout(() => finish(tooSlow()), timeoutMs);
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (chunk.includes(0x0a) || length > socketLimits.answerBytes) finish(readAnswer(chunks));
    });
    socket.on("end", () => finish(readAnswer(chunks)));
    socket.on("error", (error: NodeJS.ErrnoException) => finish(explain(path, error)));
  });
}

function tooSlow(): Unanswered {
  return { kind: "no-answer", reason: "the daemon did not answer in time" };
}

function readAnswer(chunks: readonly Buffer[]): Answer | Unanswered {
  const bytes = Buffer.concat(chunks);
  const answer = parseAnswer(bytes);
  bytes.fill(0);
  return answer ?? { kind: "no-answer", reason: "the daemon ended the connection without a whole answer" };
}

function explain(path: string, error: NodeJS.ErrnoException): Answer | Unanswered | "busy" {
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ECONNREFUSED":
      return { kind: "no-socket" };
    case "EACCES":
    case "EPERM":
      return {
        kind: "error",
        error: "not-allowed",
        reason: `this user may not use ${path}; who is in its group may: ls -l ${path}`,
      };
    case "EAGAIN":
    case "EPIPE":
      return "busy";
    default:
      return { kind: "no-answer", reason: error.message };
  }
}
