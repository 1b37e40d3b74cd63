import type { Socket } from "node:net";
import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";

/** Who is at the other end of a Unix socket, as the kernel kept it when the connection was made. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

/** The few calls of the C library that Node has no words for. */
export interface Native {
  /** unix(7) SO_PEERCRED and socket(7) SO_PEERGROUPS; undefined when the kernel does not say. */
  peerOf(socket: Socket): Peer | undefined;
  /** The file a listening Unix socket is bound to; undefined for an unnamed or abstract one. */
  boundPath(descriptor: number): string | undefined;
  /** One datagram to systemd, as sd_notify(3) sends it; false when it was not taken. `@` begins an abstract name. */
  notifySystemd(socketPath: string, message: string): boolean;
}

// the same on every Linux that Node 26 runs on, x64 and arm64 among them
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0o2_000_000 | 0o4_000;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERGROUPS = 59;
const MSG_NOSIGNAL = 0x4000;
const ADDRESS_BYTES = 110;
// include/uapi/linux/limits.h NGROUPS_MAX
const MOST_GROUPS = 65_536;

const signatures = {
  getsockopt: { arguments: ["int32", "int32", "int32", "buffer", "buffer"], return: "int32" },
  getsockname: { arguments: ["int32", "buffer", "buffer"], return: "int32" },
  socket: { arguments: ["int32", "int32", "int32"], return: "int32" },
  sendto: { arguments: ["int32", "buffer", "uint64", "int32", "buffer", "uint32"], return: "int64" },
  close: { arguments: ["int32"], return: "int32" },
} as const;

/** Opens the C library by `node:ffi`. A Problem where this Node or this system cannot. */
export async function loadNative(): Promise<Result<Native>> {
  if (process.platform !== "linux") return unavailable(`this is ${process.platform}, not Linux`);
  try {
    const { dlopen } = await import("node:ffi");
    const { functions } = dlopen(null, signatures);
    return success({
      peerOf: (socket) => peerOf(functions, descriptorOf(socket)),
      boundPath: (descriptor) => boundPath(functions, descriptor),
      notifySystemd: (path, message) => notify(functions, path, message),
    });
  } catch (error) {
    return unavailable((error as Error).message);
  }
}

interface Functions {
  getsockopt(descriptor: number, level: number, option: number, value: Buffer, length: Buffer): number;
  getsockname(descriptor: number, address: Buffer, length: Buffer): number;
  socket(domain: number, type: number, protocol: number): number;
  sendto(
    descriptor: number,
    bytes: Buffer,
    length: bigint,
    flags: number,
    address: Buffer,
    addressLength: number,
  ): bigint;
  close(descriptor: number): number;
}

function unavailable(reason: string): Result<Native> {
  return failure(problem("RC-CRD-020", { reason }, [`node ${process.version}: ${reason}`]));
}

/** Node shows the descriptor of a socket nowhere else. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  return handle?.fd ?? -1;
}

function peerOf(native: Functions, descriptor: number): Peer | undefined {
  if (descriptor < 0) return undefined;
  const credentials = Buffer.alloc(12);
  const length = writeLength(credentials.length);
  const failed = native.getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, length) !== 0;
  if (failed || readLength(length) !== credentials.length) return undefined;
  const groups = groupsOf(native, descriptor);
  if (groups === undefined) return undefined;
  const words = [0, 4, 8].map((offset) => readWord(credentials, offset));
  const [pid = 0, uid = 0xffff_ffff, gid = 0xffff_ffff] = words;
  return { pid, uid, gid, groups };
}

/** The kernel says ERANGE and the length it needs when the room is too small; a peer's groups never change. */
function groupsOf(native: Functions, descriptor: number): readonly number[] | undefined {
  let bytes = 4 * 64;
  for (let attempt = 0; attempt < 2 && bytes <= 4 * MOST_GROUPS; attempt += 1) {
    const groups = Buffer.alloc(bytes);
    const length = writeLength(bytes);
    const status = native.getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, length);
    const needed = readLength(length);
    if (status === 0) return Array.from({ length: needed / 4 }, (_, index) => readWord(groups, index * 4));
    if (needed <= bytes) return undefined;
    bytes = needed;
  }
  return undefined;
}

function boundPath(native: Functions, descriptor: number): string | undefined {
  const address = Buffer.alloc(ADDRESS_BYTES);
  const length = writeLength(address.length);
  if (native.getsockname(descriptor, address, length) !== 0 || readFamily(address) !== AF_UNIX) return undefined;
  const name = address.subarray(2, Math.min(readLength(length), ADDRESS_BYTES));
  const end = name.indexOf(0);
  const path = name.subarray(0, end < 0 ? name.length : end).toString("utf8");
  return path === "" ? undefined : path;
}

function notify(native: Functions, path: string, message: string): boolean {
  const address = addressOf(path);
  if (address === undefined) return false;
  const descriptor = native.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC_NONBLOCK, 0);
  if (descriptor < 0) return false;
  const bytes = Buffer.from(message);
  const sent = native.sendto(descriptor, bytes, BigInt(bytes.length), MSG_NOSIGNAL, address, address.length);
  native.close(descriptor);
  return sent === BigInt(bytes.length);
}

/** struct sockaddr_un: an abstract name begins with a zero byte and ends with its length (unix(7)). */
function addressOf(path: string): Buffer | undefined {
  const isAbstract = path.startsWith("@");
  if (!isAbstract && !path.startsWith("/")) return undefined;
  const name = isAbstract ? Buffer.from(`\0${path.slice(1)}`) : Buffer.from(`${path}\0`);
  const address = Buffer.concat([Buffer.from(new Uint16Array([AF_UNIX]).buffer), name]);
  return address.length <= ADDRESS_BYTES ? address : undefined;
}

function writeLength(value: number): Buffer {
  return Buffer.from(new Uint32Array([value]).buffer);
}

function readLength(bytes: Buffer): number {
  return readWord(bytes, 0);
}

// the kernel writes in the machine's own byte order, and so does a typed array
function readWord(bytes: Buffer, offset: number): number {
  return new Uint32Array(Uint8Array.from(bytes.subarray(offset, offset + 4)).buffer)[0] ?? 0;
}

function readFamily(bytes: Buffer): number {
  return new Uint16Array(Uint8Array.from(bytes.subarray(0, 2)).buffer)[0] ?? 0;
}
