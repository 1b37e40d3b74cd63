import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

// Pulls an image through this host's engine at a steady rate until SIGTERM, and prints a line of JSON for each pull.

/** What is pulled, as whom, and how many times a second. */
export interface SteadyPulls {
  readonly image: string;
  readonly username: string;
  readonly password: string;
  readonly perSecond: number;
}

/** One pull: milliseconds since the first was begun, and why it failed. */
export interface SteadyPull {
  readonly at: number;
  readonly error?: string;
}

const { image, username, password, perSecond } = JSON.parse(await text(process.stdin)) as SteadyPulls;
// Go's URLEncoding: with the padding that Node's base64url leaves out
const encoded = Buffer.from(JSON.stringify({ username, password })).toString("base64");
const authorization = encoded.replaceAll("+", "-").replaceAll("/", "_");
const begun = performance.now();
const underway = new Set<Promise<void>>();
let isStopped = false;
process.once("SIGTERM", () => (isStopped = true));
// by the clock and not by the last pull: one that is slow must not thin them out
for (let count = 0; !isStopped; count += 1) {
  await new Promise((done) => setTimeout(done, Math.max(0, (count * 1000) / perSecond - (performance.now() - begun))));
  const pull = pullOnce().finally(() => underway.delete(pull));
  underway.add(pull);
}
await Promise.all(underway);

async function pullOnce(): Promise<void> {
  const at = Math.round(performance.now() - begun);
  const error = await create().catch((thrown: unknown) => String(thrown));
  process.stdout.write(`${JSON.stringify({ at, ...(error !== undefined && { error }) } satisfies SteadyPull)}\n`);
}

/** Docker Engine API, POST /images/create: a failure after the headers is in the body. */
async function create(): Promise<string | undefined> {
  const path = `/images/create?fromImage=${encodeURIComponent(image)}&tag=latest`;
  const headers = { "X-Registry-Auth": authorization };
  const asked = request({ socketPath: "/var/run/docker.sock", method: "POST", path, headers }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const body = await text(response);
  return response.statusCode === 200 && !body.includes('"error"') ? undefined : `${response.statusCode}: ${body}`;
}
