import { once } from "node:events";
import { connect } from "node:net";
import { problem } from "../findings/problem.ts";
import { explainTcpFailures, type TcpFailure } from "../registry/network-errors.ts";
import { resolveRoute } from "../registry/connection.ts";
import { imageReference, looksLikeHubNamespace } from "../registry/name.ts";
import { failed, ok, skipped, warning, type Verdict } from "./report.ts";
import type { Subject } from "./subject.ts";

const CONNECT_MS = 5000;
// TCP asks a second time after one second (RFC 6298 section 2)
const GRACE_MS = 1200;

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

/**
 * Connects to every address of the registry, all at once, for five seconds at most, and for one more once an address
 * has answered. Sends nothing.
 */
export async function reachAll({ pass, name, route }: Subject): Promise<Reach> {
  const found = await resolveRoute(pass.host, route, name.host);
  const addresses = found.ok ? found.value : [];
  const enough = new AbortController();
  const signals = [pass.host.signal, enough.signal];
  let timer: NodeJS.Timeout | undefined;
  const tried = await Promise.all(
    addresses.map(async (address) => {
      const failure = await tryOne(address, name.port, signals);
      if (failure === undefined) timer ??= setTimeout(() => enough.abort(), GRACE_MS);
      return failure;
    }),
  );
  clearTimeout(timer);
  return {
    answering: addresses.filter((_, index) => tried[index] === undefined),
    failures: tried.filter((each) => each !== undefined),
  };
}

/** The registry at an address that answers, so that those that do not, which are told of, are waited for only once. */
export function preferAnswering(subject: Subject, { answering, failures }: Reach): Subject {
  const address = answering[0];
  if (address === undefined || failures.length === 0) return subject;
  return { ...subject, route: { ...subject.route, address } };
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

async function tryOne(address: string, port: number, signals: readonly AbortSignal[]): Promise<TcpFailure | undefined> {
  const socket = connect({ host: address, port });
  socket.on("error", () => undefined);
  try {
    await once(socket, "connect", { signal: AbortSignal.any([...signals, AbortSignal.timeout(CONNECT_MS)]) });
    return undefined;
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    if (signals[0]?.aborted === true) return { address, code: "STOPPED" };
    return { address, code: name === "AbortError" ? "ETIMEDOUT" : (code ?? "UNKNOWN") };
  } finally {
    socket.destroy();
  }
}
