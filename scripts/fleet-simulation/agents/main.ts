import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { fetchSource, type SourceFetch, type SourceRequest } from "../../../src/enrollment/source-fetch.ts";
import { createNodeHost } from "../../../src/host/node-host.ts";
import { observeServed } from "../../../src/registry/connection.ts";
import { parseRegistryName } from "../../../src/registry/name.ts";
import { readCertificates } from "../../../src/trust/bundle.ts";
import { makeRandom } from "../schedule.ts";
import type { Load, LoadResult } from "../load.ts";

// The agents' side of the measurement, in a host of its own: what the daemon asks in a pass, once for each agent, each over
// connections of its own: a look at the certificate, and the trust file. Takes a Load as JSON, prints a LoadResult.
const load = JSON.parse(process.argv[2] ?? "") as Load;
const host = createNodeHost("/", { colour: false, interactive: false }, new AbortController().signal);
const name = parseRegistryName("devregistry");
const roots = readCertificates(readFileSync(0), "the certificate");
if (!name.ok || !roots.ok) throw new Error("neither a name nor a certificate");
const request: SourceRequest = {
  url: "https://devregistry/.well-known/regclient/trust.pem",
  route: { name: name.value, address: load.address },
  roots: roots.value,
  known: undefined,
  limitMs: 20_000,
};

const first = await fetchSource(host, request);
if (first.kind !== "given") throw new Error(`not given at first: ${JSON.stringify(first)}`);
const known = load.isKnown ? { etag: first.etag, lastModified: first.lastModified } : undefined;
const milliseconds: number[] = [];
const kinds: Record<SourceFetch["kind"], number> = { given: 0, unchanged: 0, failed: 0 };
const begin = performance.now();
await (load.perSecond === undefined ? flood(load.requests, load.atOnce) : arrive(load.requests, load.perSecond));
const result: LoadResult = { milliseconds, kinds, seconds: (performance.now() - begin) / 1000 };
process.stdout.write(JSON.stringify(result));

async function ask(): Promise<void> {
  const since = performance.now();
  const served = await observeServed(host, request.route);
  if (!served.ok) throw new Error(served.problem.cause);
  const { kind } = await fetchSource(host, { ...request, known });
  milliseconds.push(performance.now() - since);
  kinds[kind] += 1;
}

/** As agents come that know nothing of each other: a Poisson process, whether earlier ones are done or not. */
async function arrive(requests: number, perSecond: number): Promise<void> {
  const random = makeRandom(1);
  const all: Promise<void>[] = [];
  for (let [count, at] = [0, 0]; count < requests; count += 1) {
    at += (-Math.log(1 - random()) / perSecond) * 1000;
    const early = at - (performance.now() - begin);
    if (early > 0) await wait(early);
    all.push(ask());
  }
  await Promise.all(all);
}

async function flood(requests: number, atOnce: number): Promise<void> {
  let left = requests;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await ask();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
