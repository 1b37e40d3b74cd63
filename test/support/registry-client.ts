import { secret } from "../../src/credentials/secret.ts";
import { createRegistryClient, type RegistryClient } from "../../src/registry/client.ts";
import { createHttp, type Http, type HttpOptions } from "../../src/registry/http.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { success, type Result } from "../../src/result.ts";

/** The value of a result that must be good. */
export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

/** The code of a result that must be a Problem. */
export function codeOf(result: Result<unknown>): string {
  return result.ok ? `no problem, but ${JSON.stringify(result.value)}` : result.problem.code;
}

/** An HTTPS client that trusts `ca` and finds every name on loopback. */
export function makeHttp(ca: string, changes: Partial<HttpOptions> = {}): Http {
  return createHttp({
    connectTo: async () => success(["127.0.0.1"]),
    trust: { ca: [ca] },
    timeouts: { connectMs: 10_000, idleMs: 10_000, totalMs: 20_000 },
    signal: new AbortController().signal,
    ...changes,
  });
}

/** A registry client for reg.test on `port`. */
export function makeClient(
  http: Http,
  port: number,
  login?: readonly [string, string],
  allowedRealms: readonly string[] = [],
): RegistryClient {
  const name = valueOf(parseRegistryName(`reg.test:${port}`));
  const credentials = login === undefined ? {} : { credentials: { username: login[0], password: secret(login[1]) } };
  return createRegistryClient({ name, http, allowedRealms, now: () => Date.now(), ...credentials });
}
