import { dlopen } from "node:ffi";
import { onTestFinished } from "vitest";

/** A Unix datagram socket at `path`, which Node cannot make: gives what has arrived, one string a datagram. */
export function listenForDatagrams(path: string): () => readonly string[] {
  const { functions } = dlopen(null, {
    socket: { arguments: ["int32", "int32", "int32"], return: "int32" },
    bind: { arguments: ["int32", "buffer", "uint32"], return: "int32" },
    recv: { arguments: ["int32", "buffer", "uint64", "int32"], return: "int64" },
    close: { arguments: ["int32"], return: "int32" },
  });
  const UNIX = 1;
  const DATAGRAM_NONBLOCK = 2 | 0o4_000;
  const descriptor = functions.socket(UNIX, DATAGRAM_NONBLOCK, 0);
  onTestFinished(() => void functions.close(descriptor));
  const name = path.startsWith("@") ? `\0${path.slice(1)}` : path;
  const address = Buffer.concat([Buffer.from(new Uint16Array([UNIX]).buffer), Buffer.from(name)]);
  if (functions.bind(descriptor, address, address.length) !== 0) throw new Error(`cannot bind ${path}`);
  return () => {
    const received: string[] = [];
    for (;;) {
      const bytes = Buffer.alloc(4096);
      const length = Number(functions.recv(descriptor, bytes, BigInt(bytes.length), 0));
      if (length < 0) return received;
      received.push(bytes.subarray(0, length).toString());
    }
  };
}
