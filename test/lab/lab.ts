import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { CommandOptions, CommandResult } from "./support/command.ts";
import { checkout, startSwitchHolder, type Holder } from "./support/holder.ts";
import { startHost, type LabHost } from "./support/host.ts";
import { nameScratch, removeRemains, sweepLeftovers } from "./support/leftovers.ts";
import { makeSwitch, plugIn, setCable, type Addresses } from "./support/network.ts";
import { requireLab } from "./support/requirements.ts";

export { requireLab } from "./support/requirements.ts";
export { diffTrees, type TreeDiff } from "./support/tree.ts";
export type { CommandOptions, CommandResult, RunningCommand } from "./support/command.ts";
export type { Keyring } from "./support/keyring.ts";
export type { LabHost } from "./support/host.ts";

/** What a lab is to hold. */
export interface LabOptions {
  /** Client hosts, 1 or more; default 1. The n-th is 10.10.62.(9+n). */
  readonly clients?: number;
  /** Makes /etc/hosts of the clients a bind-mounted file, as in a container: renaming over it gives EBUSY. */
  readonly hostsBindMount?: boolean;
  /** A tree that clients can boot a machine from, see support/machine.ts. */
  readonly tree?: string;
}

/** The host of the registry, 10.10.62.103. */
export interface RegistryHost extends LabHost {
  /** Runs the checkout's scripts/devregistry in it. */
  devregistry(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
}

/** A registry host and client hosts on one wire that leads nowhere else. */
export interface Lab extends AsyncDisposable {
  readonly registry: RegistryHost;
  /** The first of the clients. */
  readonly client: LabHost;
  readonly clients: readonly LabHost[];
  /** Cuts or mends the cable between a host and the others. */
  setCable(host: LabHost, state: "up" | "down"): Promise<void>;
}

const registryAddresses: Addresses = { ipv4: "10.10.62.103", ipv6: "fd00:62::103" };

/**
 * Starts a lab. Nothing runs in it yet: start dockerd and devregistry as the test needs them. Ends with
 * `await using` or `[Symbol.asyncDispose]()`; when this process dies in any way, the kernel ends it all.
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  requireLab();
  sweepLeftovers();
  const scratch = makeScratch();
  const held: Pick<Holder, "release">[] = [];
  // The kernel ends the hosts with this process; empty folders are left to us.
  const forget = (): void => removeRemains(scratch);
  process.once("exit", forget);
  const dispose = async (): Promise<void> => {
    process.off("exit", forget);
    // A mended test must not be hidden by a failing clean-up of one host: all are tried.
    const ends = await Promise.allSettled(held.splice(0).map((one) => one.release()));
    removeRemains(scratch);
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
  try {
    return { ...(await startHosts(options, scratch, held)), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The first number no lab of this process uses: mkdir decides. */
function makeScratch(): string {
  for (let serial = 1; ; serial += 1) {
    const scratch = nameScratch(serial);
    try {
      mkdirSync(scratch);
      return scratch;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

async function startHosts(
  options: LabOptions,
  scratch: string,
  held: Pick<Holder, "release">[],
): Promise<Omit<Lab, typeof Symbol.asyncDispose>> {
  const wire = await startSwitchHolder();
  held.push(wire);
  await makeSwitch(wire.pid);
  const plugged = async (name: string, addresses: Addresses, of: LabOptions): Promise<LabHost> => {
    const { hostsBindMount = false, tree } = of;
    const host = await startHost({ name, scratch: join(scratch, name), hostsBindMount, tree }, addresses);
    held.push(host);
    await plugIn(wire.pid, host.holderPid, name, addresses);
    return host;
  };
  const names = Array.from({ length: options.clients ?? 1 }, (_, index) => index + 1);
  // All are waited for even if one fails: none may come up after the lab was disposed of.
  const started = await Promise.allSettled([
    plugged("registry", registryAddresses, {}),
    ...names.map((n) => plugged(`client${n}`, clientAddresses(n), options)),
  ]);
  const [registry, ...clients] = started.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
  const client = clients[0];
  if (registry === undefined || client === undefined) throw new Error("a lab needs one client or more");
  return {
    registry: { ...registry, devregistry: (args, more) => registry.run([devregistry, ...args], more) },
    client,
    clients,
    setCable: (host, state) => setCable(wire.pid, host.name, state),
  };
}

const devregistry = join(checkout, "scripts", "devregistry");

function clientAddresses(n: number): Addresses {
  return { ipv4: `10.10.62.${9 + n}`, ipv6: `fd00:62::${9 + n}` };
}
