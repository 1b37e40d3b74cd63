import { join } from "node:path";
import type { Lab } from "../../test/lab/lab.ts";
import { checkout } from "../../test/lab/support/holder.ts";
import { quantile } from "./measures.ts";
import type { WebServer } from "./web-server.ts";

/** What the agents are to do: at a rate, or as quickly as so many at once can. */
export interface Load {
  readonly address: string;
  readonly requests: number;
  readonly atOnce: number;
  readonly perSecond?: number;
  /** The answer is known already: the server says 304. */
  readonly isKnown: boolean;
}

/** What the agents saw: each pass from the first packet to the last byte. */
export interface LoadResult {
  readonly milliseconds: readonly number[];
  readonly kinds: Readonly<Record<"given" | "unchanged" | "failed", number>>;
  readonly seconds: number;
}

/** One measured load, agents and server together. */
export interface MeasuredLoad {
  readonly name: string;
  readonly passes: number;
  readonly perSecond: number;
  /** What the agents saw, milliseconds for a pass. */
  readonly p50: number;
  readonly p99: number;
  /** What nginx took for a request, milliseconds, the handshake aside. */
  readonly serverP99: number;
  /** Milliseconds of one core that nginx took, for each pass. */
  readonly serverMs: number;
  /** On the wire, both ways, with all headers from Ethernet up, for each pass. */
  readonly wireBytes: number;
  /** What nginx sent of HTTP, for each pass. */
  readonly httpBytes: number;
}

const NODE = join(checkout, "node_modules", ".bin", "node");
const PROGRAM = join(checkout, "scripts", "fleet-simulation", "agents", "main.ts");

/** Has the lab's client play the agents, and looks at the server before and after. */
export async function measureLoad(lab: Lab, server: WebServer, name: string, load: Load): Promise<MeasuredLoad> {
  const before = server.look();
  const argv = [NODE, "--disable-warning=ExperimentalWarning", PROGRAM, JSON.stringify(load)];
  const { code, stdout, stderr } = await lab.client.run(argv, { stdin: server.certificate, timeoutMs: 180_000 });
  if (code !== 0) throw new Error(`${name}: ${stderr}`);
  const { milliseconds, kinds, seconds } = JSON.parse(stdout) as LoadResult;
  const wanted = load.isKnown ? kinds.unchanged : kinds.given;
  if (wanted !== load.requests) throw new Error(`${name}: ${JSON.stringify(kinds)}`);
  const after = server.look();
  const log = after.log.slice(before.log.length);
  // the first request of the program, half a pass, is not one of the load
  const all = load.requests + 0.5;
  return {
    name,
    passes: load.requests,
    perSecond: load.requests / seconds,
    p50: quantile(milliseconds, 0.5),
    p99: quantile(milliseconds, 0.99),
    serverP99: quantile(
      log.map(({ ms }) => ms),
      0.99,
    ),
    serverMs: (after.cpuMs - before.cpuMs) / all,
    wireBytes: (after.wireBytes - before.wireBytes) / all,
    httpBytes: log.slice(1).reduce((sum, { bytes }) => sum + bytes, 0) / load.requests,
  };
}
