import { posix } from "node:path";
import { problem } from "../../findings/problem.ts";
import { isIP, isLoopback } from "../../address.ts";
import { failure, success, type Result } from "../../result.ts";

/** Where metrics are served: a Unix socket, or a port on this host's loopback. Port 0 is any that is free. */
export type ListenAddress =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "loopback"; readonly host: string; readonly port: number };

/** Reads `unix:/PATH`, `127.0.0.1:PORT` or `[::1]:PORT`. Whatever others could reach is refused: there is no login. */
export function parseListenAddress(text: string): Result<ListenAddress> {
  if (text.startsWith("unix:")) return readSocket(text);
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([0-9]{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port <= 65535))
    return refuse(text, "it must be unix:/PATH, 127.0.0.1:PORT or [::1]:PORT");
  if (isIP(host) === 0)
    return refuse(text, "the host must be an address, because a name can come to mean another: 127.0.0.1 or [::1]");
  if (!isLoopback(host))
    return refuse(text, "only addresses of the loopback are served, because whoever connects is answered");
  return success({ kind: "loopback", host, port });
}

/** True for the Host header of a request that means this host; any other is a web page's, with a name made to lead here. */
export function isLoopbackHost(header: string): boolean {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::[0-9]{1,5})?$/i.exec(header);
  const host = match?.[1] ?? match?.[2] ?? "";
  return host.toLowerCase() === "localhost" || isLoopback(host);
}

function readSocket(text: string): Result<ListenAddress> {
  const path = text.slice("unix:".length);
  if (!posix.isAbsolute(path) || path.endsWith("/")) return refuse(text, "the path of the socket must be absolute");
  return success({ kind: "socket", path: posix.normalize(path) });
}

function refuse(text: string, reason: string): Result<never> {
  return failure(problem("RC-CFG-005", { option: `--metrics-listen ${text}`, reason, command: "daemon" }));
}
