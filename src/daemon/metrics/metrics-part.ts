import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { problem } from "../../findings/problem.ts";
import { failure, success, type Result } from "../../result.ts";
import type { DaemonPart, RunningPart } from "../run-daemon.ts";
import { makeSocketFile, type SocketOwner } from "../socket-file.ts";
import { serveMetrics, type MetricsServerParts } from "./server.ts";
import type { ListenAddress } from "./listen-address.ts";

/** What the metrics server of a daemon is made of. */
export interface MetricsPartOptions extends Omit<MetricsServerParts, "listen"> {
  /** The path of a socket is the one that this process sees. */
  readonly listen: ListenAddress;
  /** Who may connect to a socket. */
  readonly owner: SocketOwner;
}

/** The metrics server, as a part of the daemon. */
export function createMetricsPart(options: MetricsPartOptions): DaemonPart {
  return { name: "metrics", start: async () => start(options) };
}

async function start(options: MetricsPartOptions): Promise<Result<RunningPart>> {
  const { listen, owner } = options;
  if (listen.kind === "loopback") return startOnLoopback(listen, options);
  const bind = async (path: string): Promise<Server> => serveMetrics({ ...options, listen: { path } });
  const made = await makeSocketFile(listen.path, owner, bind);
  if (!made.ok) return refuse(listen.path, made.problem.cause);
  return success(running(made.value.server, listen.path, async () => made.value.remove()));
}

async function startOnLoopback(
  { host, port }: Extract<ListenAddress, { readonly kind: "loopback" }>,
  options: MetricsPartOptions,
): Promise<Result<RunningPart>> {
  const shown = host.includes(":") ? `[${host}]` : host;
  try {
    const server = await serveMetrics({ ...options, listen: { host, port } });
    const bound = (server.address() as AddressInfo).port;
    return success(running(server, `http://${shown}:${bound}/metrics`));
  } catch (error) {
    return refuse(`${shown}:${port}`, (error as Error).message);
  }
}

function refuse(address: string, reason: string): Result<never> {
  return failure(problem("RC-HST-030", { address, reason }, [reason]));
}

function running(server: Server, place: string, remove?: () => Promise<void>): RunningPart {
  return {
    status: `serving metrics on ${place}`,
    // no more: metrics that nobody can read are no reason to restart what gives out logins
    isAlive: async () => server.listening,
    stop: async (graceMs) => {
      await remove?.();
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
