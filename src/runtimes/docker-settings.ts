import { problem, type Problem } from "../findings/problem.ts";
import type { RuntimeCase, RuntimeView } from "./runtime.ts";

/** The configuration of the Docker Engine. */
export const DAEMON_CONFIG = "/etc/docker/daemon.json";

/** An entry of insecure-registries that makes the engine take any certificate, or none, for this registry. */
export function dockerWarnings({ name, address }: RuntimeCase, view: RuntimeView): readonly Problem[] {
  const at = name.isAddress ? name.host : address;
  const entry = insecureRegistries(view.text(DAEMON_CONFIG)).find(
    (each) => name.aliases.includes(each) || (at !== undefined && isInNetwork(each, at)),
  );
  if (entry === undefined) return [];
  const facts = {
    runtime: "the Docker Engine",
    name: name.key,
    path: DAEMON_CONFIG,
    entry: `insecure-registries: ${entry}`,
    after: "systemctl restart docker",
  };
  return [problem("RC-RUN-003", facts, [`${DAEMON_CONFIG}: insecure-registries: ${entry}`])];
}

/** What dockerd does not start with is for dockerd to say. */
function insecureRegistries(text: string | undefined): readonly string[] {
  try {
    const list = (JSON.parse(text ?? "{}") as Record<string, unknown> | null)?.["insecure-registries"];
    return Array.isArray(list) ? list.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

/** IPv4 alone: the engine itself is asked about the rest when it is verified. */
function isInNetwork(network: string, address: string): boolean {
  const [base = "", bits = ""] = network.split("/");
  const [one, other] = [numberOf(base), numberOf(address)];
  if (one === undefined || other === undefined || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(one / size) === Math.floor(other / size);
}

function numberOf(address: string): number | undefined {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}
