import { problem, type Problem } from "../findings/problem.ts";
import type { Host } from "../host/ports.ts";
import { linesNaming } from "../hosts/hosts-file.ts";
import { failure, success, type Result } from "../result.ts";
import { parseCertificate, type Certificate } from "../trust/certificate.ts";
import { judgeChain } from "../trust/chain.ts";
import { isIP, isLoopback } from "../address.ts";
import type { ClientCertificate } from "./client-certificate.ts";
import { dial, type DialOptions } from "./dial.ts";
import { createHttp, type Http, type VerifiedConnection } from "./http.ts";
import type { RegistryName } from "./name.ts";

const TIMEOUTS = { connectMs: 10_000, idleMs: 30_000, totalMs: 10 * 60_000 };
const HOSTS = "/etc/hosts";

/** Where the registry is, when it is not where its name leads. */
export interface Route {
  readonly name: RegistryName;
  /** The declared address, dialled whatever the name resolves to. */
  readonly address: string | undefined;
  /** What is shown to the registry, and to no other host, when it asks for it. */
  readonly client?: ClientCertificate | undefined;
}

/**
 * The certificates that the registry shows, leaf first. Nothing is trusted, and nothing is sent: but to a server that
 * ends the handshake of a client that has no certificate (before TLS 1.3 some do), the declared one is shown. It is no
 * secret, and what its key signs then is of no use to anybody else (RFC 5246 section 7.4.8).
 */
export async function observeServed(host: Host, route: Route): Promise<Result<readonly Certificate[]>> {
  const plain = await look(host, route, []);
  const isAskedFor = !plain.ok && ["RC-NET-009", "RC-NET-011", "RC-NET-019"].includes(plain.problem.code);
  const seen = isAskedFor && route.client !== undefined ? await look(host, route, [], route.client) : plain;
  return seen.ok ? success(seen.value.served) : seen;
}

/** A registry that was looked at. */
export interface Contact {
  /** Leaf first. */
  readonly served: readonly Certificate[];
  /** Ready for use, and nothing was sent on it yet; undefined where nobody vouches for the registry. */
  readonly connection: VerifiedConnection | undefined;
}

/**
 * As `observeServed`, and keeps the connection if `anchors` verify it: a second handshake would cost more than all that is
 * asked afterwards. Whoever gets it hands it to an `Http`, or ends it.
 */
export async function contactRegistry(
  host: Host,
  route: Route,
  anchors: readonly Certificate[],
): Promise<Result<Contact>> {
  if (route.client === undefined) return look(host, route, anchors);
  // who is not verified yet is not shown the client certificate
  const served = await observeServed(host, route);
  return served.ok ? success({ served: served.value, connection: undefined }) : served;
}

async function look(
  host: Host,
  route: Route,
  anchors: readonly Certificate[],
  client?: ClientCertificate,
): Promise<Result<Contact>> {
  let served: Result<readonly Certificate[]> | undefined;
  let chain: readonly Certificate[] = [];
  const judge = judgeWith(host, route, anchors, (verified) => (chain = verified));
  const options: DialOptions = {
    ...trusting(host, route, anchors),
    clientFor: () => client,
    judge: (peerChain, dialled) => {
      served = parseAll(peerChain);
      return served.ok ? judge(served.value, dialled) : served.problem;
    },
  };
  const target = { host: route.name.host, port: route.name.port };
  const dialled = await dial(target, options, TIMEOUTS.connectMs, host.signal);
  if (served === undefined) return dialled.ok ? success({ served: [], connection: undefined }) : dialled;
  const connection = dialled.ok ? { ...target, socket: dialled.value, chain } : undefined;
  return served.ok ? success({ served: served.value, connection }) : served;
}

/**
 * An HTTPS client that trusts what Docker would trust with these anchors, and refuses with the words Go would use.
 * Without a route, names lead where the host's own look-up leads. `verified` is told the chain that each connection was
 * verified by, leaf first, also of one that is adopted.
 */
export function connectTrusting(
  host: Host,
  route: Route | undefined,
  anchors: readonly Certificate[],
  verified?: (chain: readonly Certificate[]) => void,
): Http {
  const judge = judgeWith(host, route, anchors, verified);
  const http = createHttp({
    ...trusting(host, route, anchors),
    clientFor: (dialled) => (dialled === route?.name.host ? route.client : undefined),
    judge: (peerChain, dialled) => {
      const served = parseAll(peerChain);
      return served.ok ? judge(served.value, dialled) : served.problem;
    },
    timeouts: TIMEOUTS,
    signal: host.signal,
  });
  return {
    ...http,
    adopt: (connection) => {
      verified?.(connection.chain);
      http.adopt(connection);
    },
  };
}

function trusting(
  host: Host,
  route: Route | undefined,
  anchors: readonly Certificate[],
): Pick<DialOptions, "connectTo" | "trust"> {
  return { connectTo: resolverFor(host, route), trust: { ca: anchors.map((anchor) => anchor.pem) } };
}

function judgeWith(
  host: Host,
  route: Route | undefined,
  anchors: readonly Certificate[],
  verified?: (chain: readonly Certificate[]) => void,
): (served: readonly Certificate[], dialled: string) => Problem | undefined {
  return (served, dialled) => {
    // with its key, a fix can name the registry as it is enrolled, port and all
    const name = dialled === route?.name.host ? route.name : { host: dialled, isAddress: isIP(dialled) > 0 };
    const verdict = judgeChain({ served, anchors, name, now: host.clock.now() });
    if (verdict.ok) verified?.(verdict.chain);
    return verdict.ok ? undefined : verdict.problem;
  };
}

/** The addresses a name has on this host: the declared one, the host's own hosts file, the resolver, in that order. */
export async function resolveRoute(
  host: Host,
  route: Route | undefined,
  dialled: string,
): Promise<Result<readonly string[]>> {
  if (isIP(dialled) > 0) return success([dialled]);
  if (route?.address !== undefined && dialled === route.name.host) return success([route.address]);
  const entry = await host.files.readEntry(await host.files.resolveLinks(HOSTS));
  const text = entry.kind === "file" ? Buffer.from(entry.bytes).toString("latin1") : "";
  const listed = linesNaming(text, dialled);
  const looped = dialled === "localhost" ? undefined : listed.find((line) => isLoopback(line.address));
  if (looped !== undefined) {
    const where = `${HOSTS}:${looped.line}: ${looped.address} ${looped.names.join(" ")}`;
    return failure(problem("RC-ALI-002", { name: dialled, where }, [where]));
  }
  // each registry of a host has a line of its own
  const addresses = new Set(listed.map((line) => line.address));
  return addresses.size > 0 ? success([...addresses]) : askResolver(host, dialled);
}

async function askResolver(host: Host, dialled: string): Promise<Result<readonly string[]>> {
  const found = await host.resolver.lookup(dialled);
  if (found === undefined) return failure(problem("RC-NET-018", { host: dialled }));
  const loopback = found.find(isLoopback);
  if (loopback !== undefined && dialled !== "localhost") {
    return failure(problem("RC-ALI-003", { name: dialled, address: loopback }));
  }
  return found.length > 0 ? success(found) : failure(problem("RC-NET-001", { host: dialled }));
}

function resolverFor(host: Host, route: Route | undefined): DialOptions["connectTo"] {
  return (dialled) => resolveRoute(host, route, dialled);
}

function parseAll(chain: readonly Uint8Array[]): Result<readonly Certificate[]> {
  const parsed: Certificate[] = [];
  for (const der of chain) {
    const certificate = parseCertificate(der);
    if (!certificate.ok) return certificate;
    parsed.push(certificate.value);
  }
  return success(parsed);
}
