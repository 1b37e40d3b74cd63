import { spawn } from "node:child_process";
import { labPath } from "./requirements.ts";

/** The addresses of a host in the lab's one subnet. */
export interface Addresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Makes the bridge that all hosts are plugged into, in the namespace of `switchPid`. */
export async function makeSwitch(switchPid: number): Promise<void> {
  await runIp(switchPid, ["link set lo up", "link add lan type bridge", "link set lan up"]);
}

/** Joins the host of `hostPid` to the bridge as `eth0` with `addresses`. It gets no route but that of the subnet. */
export async function plugIn(switchPid: number, hostPid: number, port: string, addresses: Addresses): Promise<void> {
  await runIp(switchPid, [
    `link add ${port} type veth peer name eth0 netns ${hostPid}`,
    `link set ${port} master lan`,
    `link set ${port} up`,
  ]);
  await runIp(hostPid, [
    "link set lo up",
    `addr add ${addresses.ipv4}/24 dev eth0`,
    // nodad: the address works at once instead of after a second of duplicate detection.
    `addr add ${addresses.ipv6}/64 dev eth0 nodad`,
    "link set eth0 up",
  ]);
}

/** Cuts or mends the cable of the host behind `port`. */
export async function setCable(switchPid: number, port: string, state: "up" | "down"): Promise<void> {
  await runIp(switchPid, [`link set ${port} ${state}`]);
}

function runIp(pid: number, commands: readonly string[]): Promise<void> {
  // Only the network namespace is entered: ip is the machine's, and reads pids as the machine does.
  const child = spawn("nsenter", ["-t", String(pid), "-n", "ip", "-batch", "-"], {
    env: { PATH: labPath },
    stdio: ["pipe", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
  child.stdin.end(`${commands.join("\n")}\n`);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => (code === 0 ? done() : fail(new Error(`ip failed: ${errors.trim()}`))));
  });
}
