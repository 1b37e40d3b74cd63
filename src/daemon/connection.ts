import type { Socket } from "node:net";

/** What came in: bytes up to and with the first line feed, or why there is none. */
export type Received =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "too-long" }
  /** The other side ended, or the connection broke. */
  | { readonly kind: "gone" }
  | { readonly kind: "aborted" };

/** Reads until a line feed, at most `most` bytes. Nothing more is taken from the other side after that. */
export async function receiveLine(socket: Socket, most: number, signal: AbortSignal): Promise<Received> {
  const chunks: Buffer[] = [];
  let length = 0;
  const { promise, resolve } = Promise.withResolvers<Received>();
  const take = (chunk: Buffer): void => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > most) resolve({ kind: "too-long" });
    else if (chunk.includes(0x0a)) resolve({ kind: "bytes", bytes: Buffer.concat(chunks) });
  };
  const gone = (): void => resolve({ kind: "gone" });
  const aborted = (): void => resolve({ kind: "aborted" });
  if (signal.aborted) return { kind: "aborted" };
  socket.on("data", take).once("end", gone).once("close", gone);
  signal.addEventListener("abort", aborted, { once: true });
  socket.resume();
  const received = await promise;
  socket.off("data", take).off("end", gone).off("close", gone).pause();
  signal.removeEventListener("abort", aborted);
  return received;
}

/** Sends the last bytes of a connection and ends it; false when the other side did not take them before `signal`. */
export async function sendLast(socket: Socket, bytes: Buffer, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stop = (): void => resolve(false);
  socket.once("finish", () => resolve(true)).once("close", stop);
  signal.addEventListener("abort", stop, { once: true });
  // a short answer is in the kernel's hands when `end` comes back, even if the time is up already
  socket.end(bytes);
  if (signal.aborted) stop();
  const sent = await promise;
  signal.removeEventListener("abort", stop);
  socket.destroy();
  return sent;
}

/** Sends the last bytes and lets the other side end the connection, for at most `milliseconds`; what it says is thrown away. */
export async function sendAndLinger(socket: Socket, bytes: Buffer, milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  socket.once("end", resolve).once("close", resolve).resume().end(bytes);
  await promise;
  clearTimeout(timer);
  socket.destroy();
}

/** What `work` comes to, or undefined when `signal` fires first. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
