import { writeDerivedFile } from "../../apply/derived-file.ts";
import { defaultOwner } from "../../daemon/credential-part.ts";
import type { Log } from "../../daemon/log.ts";
import { parseListenAddress, type ListenAddress } from "../../daemon/metrics/listen-address.ts";
import type { Metrics } from "../../daemon/metrics/metrics.ts";
import { createMetricsPart } from "../../daemon/metrics/metrics-part.ts";
import {
  createTextfilePart,
  parseTextfilePath,
  TEXTFILE_MARK,
  type TextfilePart,
} from "../../daemon/metrics/textfile-part.ts";
import type { DaemonPart } from "../../daemon/run-daemon.ts";
import type { Host } from "../../host/ports.ts";
import { success, type Result } from "../../result.ts";
import type { DaemonArguments } from "./daemon.ts";

/** The metrics of a daemon: what is to be told to them, and the parts that make them public. */
export interface PreparedMetrics extends Pick<Metrics, "observe" | "countAsked"> {
  readonly parts: readonly DaemonPart[];
}

/** Metrics as the command line asks for them. Where it does not, nothing is loaded, kept or served. */
export async function prepareMetrics(
  args: Pick<DaemonArguments, "metricsListen" | "metricsTextfile">,
  host: Host,
  log: Log,
  version: string,
): Promise<Result<PreparedMetrics>> {
  const listen = parseOptional(args.metricsListen, parseListenAddress);
  if (!listen.ok) return listen;
  const path = parseOptional(args.metricsTextfile, parseTextfilePath);
  if (!path.ok) return path;
  if (listen.value === undefined && path.value === undefined)
    return success({ observe: () => undefined, countAsked: () => undefined, parts: [] });
  const { createMetrics } = await import("../../daemon/metrics/metrics.ts");
  const node = process.versions.node;
  const metrics = createMetrics({ files: host.files, version, node, startedAt: host.clock.now() });
  const textfile = path.value === undefined ? undefined : createTextfile(path.value, metrics, host, log);
  const server = listen.value === undefined ? [] : [await createServer(listen.value, metrics, host, log)];
  return success({
    countAsked: (outcome) => metrics.countAsked(outcome),
    observe: (report) => {
      metrics.observe(report);
      textfile?.wake();
    },
    parts: [...server, ...(textfile === undefined ? [] : [textfile.part])],
  });
}

function parseOptional<T>(text: string | undefined, parse: (text: string) => Result<T>): Result<T | undefined> {
  return text === undefined ? success(undefined) : parse(text);
}

async function createServer(listen: ListenAddress, page: Metrics, host: Host, log: Log): Promise<DaemonPart> {
  const { files, caller } = host;
  const place = listen.kind === "socket" ? { ...listen, path: files.realPath(listen.path) } : listen;
  return createMetricsPart({ listen: place, owner: await defaultOwner(files, caller), page, log });
}

function createTextfile(path: string, metrics: Metrics, host: Host, log: Log): TextfilePart {
  const { clock } = host;
  const write = async (): Promise<Result<void>> => {
    const text = `${TEXTFILE_MARK}${await metrics.render()}`;
    return writeDerivedFile(host, { path, text, mark: TEXTFILE_MARK, mode: 0o644 });
  };
  return createTextfilePart({ path, write, clock, log });
}
