import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { RegistryName } from "../registry/name.ts";

const LONGEST_MS = 5000;

/**
 * What the clock of the server says, in milliseconds, by the Date header of its answer (RFC 9110 section 6.6.1). Asked
 * when its certificate does not hold, to tell which of the two clocks is wrong: so nothing is verified, and nothing but
 * a bare request is sent. Undefined when there is no answer in five seconds.
 */
export async function readServerClock(
  address: string,
  { host, port, isAddress }: RegistryName,
  caller: AbortSignal,
): Promise<number | undefined> {
  const asked = request({
    host: address,
    port,
    path: "/v2/",
    method: "HEAD",
    headers: { Host: host },
    ...(isAddress ? {} : { servername: host }),
    rejectUnauthorized: false,
    agent: false,
    signal: AbortSignal.any([caller, AbortSignal.timeout(LONGEST_MS)]),
  });
  asked.on("error", () => undefined);
  try {
    asked.end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    const time = Date.parse(response.headers.date ?? "");
    return Number.isNaN(time) ? undefined : time;
  } catch {
    return undefined;
  } finally {
    asked.destroy();
  }
}
