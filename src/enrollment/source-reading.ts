import type { Problem } from "../findings/problem.ts";
import { openMachineFiles } from "../host/machine-files.ts";
import type { Host } from "../host/ports.ts";
import { isIPv6 } from "../address.ts";
import type { Route } from "../registry/connection.ts";
import type { VerifiedConnection } from "../registry/http.ts";
import type { Certificate } from "../trust/certificate.ts";
import { readSystemStore } from "../trust/system-store.ts";
import { listSources, type TrustSource } from "./declared-sources.ts";
import type { Declaration } from "./declaration.ts";
import type { Pass } from "./pass.ts";
import { fetchSource, type SourceFetch } from "./source-fetch.ts";
import type { RegistryState, WatchedSource } from "./state.ts";
import { readCaFile } from "./supplied.ts";

/** What a source said in this pass. */
export interface SourceReading {
  readonly source: TrustSource;
  readonly outcome: SourceFetch | { readonly kind: "given"; readonly certificates: readonly Certificate[] };
}

const LIMIT_MS = 20_000;
const DAY = 86_400_000;

/**
 * Reads every trust source of an enrolled registry, all at once. A source on the registry's own host counts only over a
 * connection that the held certificates verify; on another host, the system's CAs may vouch as well. `connection`: to the
 * registry, verified by those certificates; it is used where it leads to a source, and ended.
 */
export async function readSources(
  pass: Pass,
  route: Route,
  declaration: Declaration,
  state: RegistryState | undefined,
  held: readonly Certificate[],
  connection?: VerifiedConnection,
): Promise<readonly SourceReading[]> {
  const sources = listSources(declaration, route.name);
  const connected = connection && sources.find((source) => source.kind !== "file" && leadsTo(source, connection));
  if (connected === undefined) connection?.socket.destroy();
  if (sources.length > 0) pass.watch.begin("reading what is announced to come");
  const now = pass.host.clock.now();
  const isElsewhere = sources.some((source) => source.kind !== "file" && !isOwnHost(source, route));
  const system = isElsewhere ? await readSystemStore(openMachineFiles(pass.host.files)) : [];
  const readings = await Promise.all(
    sources.map(async (source): Promise<SourceReading> => {
      if (source.kind === "file") return { source, outcome: await readFileSource(pass.host, source) };
      const roots = isOwnHost(source, route) ? held : [...held, ...system];
      const known = findKnown(source, state, now);
      const ready = source === connected ? connection : undefined;
      const request = { url: source.location, route, roots, connection: ready, known, limitMs: LIMIT_MS };
      return { source, outcome: await fetchSource(pass.host, request) };
    }),
  );
  for (const reading of readings) tell(pass, reading);
  return readings;
}

function leadsTo({ location }: TrustSource, { host, port }: VerifiedConnection): boolean {
  const url = new URL(location);
  return url.hostname === (isIPv6(host) ? `[${host}]` : host) && Number(url.port || 443) === port;
}

function isOwnHost({ location }: TrustSource, { name }: Route): boolean {
  return new URL(location).hostname === (isIPv6(name.host) ? `[${name.host}]` : name.host);
}

/**
 * What need not be sent again: where everything that the source gave is trusted already. While anything is to come it is
 * read whole each time, and otherwise once a day: whoever was on the server for a moment chose the validators, and "not
 * modified" must neither pass for an announcement that stands nor hide one for ever.
 */
function findKnown(
  { location }: TrustSource,
  state: RegistryState | undefined,
  now: number,
): WatchedSource | undefined {
  const before = state?.sources?.find((each) => each.location === location);
  if (before?.read === undefined || (before.etag === undefined && before.lastModified === undefined)) return undefined;
  if (!(Math.abs(now - Date.parse(before.read)) < DAY)) return undefined;
  if (state?.announced?.some(({ source }) => source === location) === true) return undefined;
  const trusted = new Set((state?.anchors ?? []).map(({ fingerprint }) => fingerprint));
  return before.gives.every((fingerprint) => trusted.has(fingerprint)) ? before : undefined;
}

async function readFileSource({ files }: Host, { location }: TrustSource): Promise<SourceReading["outcome"]> {
  const read = await readCaFile(files, location);
  if (read.ok) return { kind: "given", certificates: read.value.certificates };
  return { kind: "failed", problem: read.problem, isSilence: false, isUnverified: false };
}

/** What nobody has declared and what is not there is not worth a word; nor is a changed certificate, told elsewhere. */
function tell({ watch }: Pass, { source, outcome }: SourceReading): void {
  if (outcome.kind !== "failed" || (source.isImplicit && (outcome.isSilence || outcome.isUnverified))) return;
  watch.note(`trust source ${source.kind} ${source.location}: ${whyNothing(outcome.problem)}`);
}

function whyNothing({ summary, cause, code }: Problem): string {
  return `counts for nothing now: ${summary}: ${cause} [${code}]`;
}
