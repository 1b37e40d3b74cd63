import { BlockList } from "node:net";
import { problem, type Problem } from "../findings/problem.ts";
import { isIP, isLoopback } from "../address.ts";
import { resolveRoute } from "../registry/connection.ts";
import type { Verification } from "./direct.ts";
import type { Engine, InsecureRegistries } from "./docker-engine.ts";

/**
 * Whether the engine would give a login to whoever answers: it does so for what its insecure-registries name. Asked
 * before it is given one. Throws what the engine says.
 */
export async function findInsecure(
  verification: Pick<Verification, "host" | "route" | "note">,
  engine: Pick<Engine, "insecureRegistries">,
): Promise<Problem | undefined> {
  const { host, route, note } = verification;
  const { name } = route;
  const insecure = await engine.insecureRegistries();
  const found = await resolveRoute(host, route, name.host);
  // without the addresses nobody knows whether they are in one of the networks
  if (!found.ok) return found.problem;
  const entry = entryFor(insecure, name.aliases, found.value);
  if (entry === undefined) return undefined;
  // dockerd adds 127.0.0.0/8 and ::1/128 by itself, and nobody can take them out
  if (isLoopback(name.host) && entry.includes("/")) {
    note(`the engine verifies no certificate of ${name.authority}, as of all loopback addresses`);
    return undefined;
  }
  const facts = { authority: name.authority, name: name.key, entry };
  return problem("RC-ENG-007", facts, [`docker info: Insecure Registries: ${entry}`]);
}

/** What moby's isSecureIndex (daemon/pkg/registry/config.go) finds: a name of its own counts before any network. */
function entryFor(
  { names, verified, networks }: InsecureRegistries,
  spellings: readonly string[],
  addresses: readonly string[],
): string | undefined {
  const named = spellings.find((each) => names.includes(each));
  if (named !== undefined || spellings.every((each) => verified.includes(each))) return named;
  return networks.find((network) => addresses.some((address) => isInside(network, address)));
}

function isInside(network: string, address: string): boolean {
  const [base = "", bits = ""] = network.split("/");
  const family = isIP(base) === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  if (isIP(base) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === "ipv4" ? 32 : 128)) return false;
  list.addSubnet(base, Number(bits), family);
  return list.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}
