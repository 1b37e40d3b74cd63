import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { startEmbeddedRegistry } from "../embedded-registry/server.ts";
import { fingerprintOf, makeCertificate } from "../seed-registry/certificate.ts";

/** Where the demo's registry is to run. */
export interface RegistryPlace {
  readonly data: string;
  readonly address: string;
  readonly port: number;
  readonly password: string;
}

/** The registry of the demo. */
export interface DemoRegistry {
  readonly description: string;
  /** What it is enrolled as, and what image names begin with. */
  readonly name: string;
  readonly reference: string;
  readonly needsAddress: boolean;
  readonly fingerprint: string;
  stop(): Promise<void>;
}

const ALIAS = "devregistry";
const SCRIPT = join(import.meta.dirname, "../devregistry");

/** Starts nginx and docker-registry where both are installed, and else a registry inside this process. */
export async function startRegistry(place: RegistryPlace): Promise<DemoRegistry> {
  const isLoopback = place.address.startsWith("127.");
  if (!isLoopback) bringUpNetwork(place.address);
  const names = isLoopback
    ? { name: `${place.address}:${place.port}`, reference: `${place.address}:${place.port}`, needsAddress: false }
    : { name: ALIAS, reference: `${ALIAS}:443`, needsAddress: true };
  const started = hasDaemons() && !isLoopback ? startDaemons(place) : await startEmbedded(place);
  return { ...names, ...started };
}

type Started = Pick<DemoRegistry, "description" | "fingerprint" | "stop">;

function bringUpNetwork(address: string): void {
  execFileSync("ip", ["link", "set", "lo", "up"]);
  execFileSync("ip", ["address", "add", `${address}/32`, "dev", "lo"]);
}

function hasDaemons(): boolean {
  const found = spawnSync("sh", ["-c", "PATH=$PATH:/usr/sbin; command -v nginx && command -v docker-registry"]);
  return found.status === 0;
}

function startDaemons(place: RegistryPlace): Started {
  const devregistry = (args: readonly string[], input = ""): string =>
    execFileSync(SCRIPT, [...args, "--data", place.data], {
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "inherit"],
    });
  devregistry(["up", "--address", place.address]);
  devregistry(["adduser", "xl", "--password-stdin"], place.password);
  return {
    description: "Distribution behind nginx, with a self-signed certificate (scripts/devregistry)",
    fingerprint: devregistry(["fingerprint"]).trim(),
    stop: async () => void devregistry(["down"]),
  };
}

async function startEmbedded(place: RegistryPlace): Promise<Started> {
  const { address, port, password } = place;
  const made = makeCertificate({ alias: ALIAS, addresses: [address], notBefore: new Date(), days: 30, key: undefined });
  const tls = { cert: made.certificate, key: made.key };
  const users = { xl: password };
  const registry = await startEmbeddedRegistry({ tls, host: address, port, auth: "basic", users, deleteEnabled: true });
  return {
    description: "the embedded one, in memory, as nginx and docker-registry are not installed here",
    fingerprint: fingerprintOf(made.certificate),
    stop: () => registry.close(),
  };
}
