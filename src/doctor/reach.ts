import { once } from "node:events";
import { connect } from "node:net";
import { problem } from "../findings/problem.ts";
import { explainTcpFailures, type TcpFailure } from "../registry/network-errors.ts";
import { resolveRoute } from "../registry/connection.ts";
import { imageReference, looksLikeHubNamespace } from "../registry/name.ts";
import { failed, ok, skipped, warning, type Verdict } from "./report.ts";
import type { Subject } from "./subject.ts";

const CONNECT_MS = 5000;

/** Where the name leads: by the declaration, the hosts file, the resolver; loopback addresses turn verification off. */
export async function examineName({ pass, name, route }: Subject): Promise<readonly Verdict[]> {
  const found = await resolveRoute(pass.host, route, name.host);
  if (!found.ok) return failed(found.problem);
  const wanted = found.value.join(", ");
  // the resolver of this machine knows nothing of another tree's hosts file
  const resolved =
    name.isAddress || pass.host.files.root !== "/" ? [] : ((await pass.host.resolver.lookup(name.host)) ?? []);
  if (resolved.length > 0 && !resolved.some((address) => found.value.includes(address))) {
    const facts = { host: name.host, wanted, found: resolved.join(", ") };
    return warning(problem("RC-ALI-010", facts, [`getaddrinfo: ${facts.found}`]));
  }
  const example = imageReference(name, "IMAGE");
  const hub = looksLikeHubNamespace(name) ? `; ${name.host}/IMAGE would be Docker Hub's` : "";
  return ok(`${name.host} is ${wanted}; images are called ${example}${hub}`);
}

/** A connection to each address of a registry. */
export interface Reach {
  readonly answering: readonly string[];
  readonly failures: readonly TcpFailure[];
}

/** Connects to every address of the registry, all at once, for five seconds at most. Sends nothing. */
export async function reachAll({ pass, name, route }: Subject): Promise<Reach> {
  const found = await resolveRoute(pass.host, route, name.host);
  const addresses = found.ok ? found.value : [];
  const tried = await Promise.all(addresses.map((address) => tryOne(address, name.port, pass.host.signal)));
  return {
    answering: addresses.filter((_, index) => tried[index] === undefined),
    failures: tried.filter((each) => each !== undefined),
  };
}

/** Whether packets get there at all: an address that refuses has been reached. */
export function judgeRoute({ name }: Subject, { answering, failures }: Reach): readonly Verdict[] {
  if (answering.length === 0) {
    const told = explainTcpFailures(name, failures);
    return isNoRoute(told.code) ? failed(told) : ok("reached");
  }
  if (failures.length === 0) return ok(answering.join(", "));
  const silent = failures.map(({ address }) => address).join(", ");
  const evidence = failures.map(({ address, code }) => `${address} port ${name.port}: ${code}`);
  return warning(problem("RC-NET-030", { host: name.host, silent, answering: answering.join(", ") }, evidence));
}

/** Whether something listens. */
export function judgePort({ name }: Subject, { answering, failures }: Reach): readonly Verdict[] {
  if (answering.length > 0) return ok(`port ${name.port} is open`);
  const told = explainTcpFailures(name, failures);
  return isNoRoute(told.code) ? skipped("there is no route") : failed(told);
}

function isNoRoute(code: string): boolean {
  return code === "RC-NET-003" || code === "RC-NET-004";
}

async function tryOne(address: string, port: number, caller: AbortSignal): Promise<TcpFailure | undefined> {
  const socket = connect({ host: address, port });
  socket.on("error", () => undefined);
  try {
    await once(socket, "connect", { signal: AbortSignal.any([caller, AbortSignal.timeout(CONNECT_MS)]) });
    return undefined;
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    if (caller.aborted) return { address, code: "STOPPED" };
    return { address, code: name === "AbortError" ? "ETIMEDOUT" : (code ?? "UNKNOWN") };
  } finally {
    socket.destroy();
  }
}
