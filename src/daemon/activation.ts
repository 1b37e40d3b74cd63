import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";

/** The name regclient.socket gives its descriptor (FileDescriptorName=). */
export const SOCKET_NAME = "credentials";

// sd_listen_fds(3): SD_LISTEN_FDS_START
const FIRST = 3;

/**
 * The descriptor of the socket systemd opened for this process; undefined when it opened none. One is taken whatever
 * its name is; among several, the one called `credentials`.
 */
export function findPassedSocket(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): Result<number | undefined> {
  const count = Number(environment["LISTEN_FDS"] ?? "0");
  if (environment["LISTEN_PID"] !== String(pid) || count === 0) return success(undefined);
  if (!Number.isSafeInteger(count) || count < 0) return refuse(`LISTEN_FDS is ${environment["LISTEN_FDS"]}`);
  if (count === 1) return success(FIRST);
  const index = (environment["LISTEN_FDNAMES"] ?? "").split(":").indexOf(SOCKET_NAME);
  if (index < 0 || index >= count) return refuse(`systemd passed ${count} sockets, and none is called ${SOCKET_NAME}`);
  return success(FIRST + index);
}

function refuse(reason: string): Result<number | undefined> {
  return failure(problem("RC-CRD-021", { reason }));
}
