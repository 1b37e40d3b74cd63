import { connect } from "node:net";

const LONGEST_MS = 1000;
const MOST_BYTES = 256;

/**
 * Asks a port that is known not to speak TLS what it does speak: sends a bare HTTP/1.0 request without any header and
 * gives back the first line of the answer, "" for silence. Takes one second at most and never fails.
 */
export async function probePlainText(address: string, port: number, signal: AbortSignal): Promise<string> {
  const socket = connect({ host: address, port });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  limit.addEventListener("abort", () => socket.destroy(), { once: true });
  let answer = "";
  try {
    socket.write("GET / HTTP/1.0\r\n\r\n");
    for await (const chunk of socket) {
      answer += (chunk as Buffer).toString("latin1");
      if (answer.includes("\n") || answer.length > MOST_BYTES) break;
    }
  } catch {
    // it hung up: what came so far is the answer
  }
  socket.destroy();
  return answer.slice(0, MOST_BYTES).split(/\r?\n/, 1)[0] ?? "";
}
