import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Lab } from "../../test/lab/lab.ts";
import { checkout } from "../../test/lab/support/holder.ts";

/** What one pass of the daemon over one registry asks of it. */
export interface WholePass {
  readonly passes: number;
  readonly connections: number;
  readonly requests: number;
}

const ADDRESS = "10.10.62.103";
const PASSWORD = "measured";
const ACCESS_LOG = "/var/lib/devregistry/logs/nginx-access.log";
const TRUST = "/.well-known/regclient/trust.pem";
const PROGRAM = `${checkout}/bin/regclient`;
const STRETCH_MS = 45_000;

/** Lets a daemon look at the seed registry every ten seconds, and counts per pass. */
export async function measureWholePass(lab: Lab): Promise<WholePass> {
  const login = ["--username", "xl", "--password-stdin"];
  const up = await lab.registry.devregistry(["up", "--address", ADDRESS, ...login], { stdin: `${PASSWORD}\n` });
  if (up.code !== 0) throw new Error(up.stderr);
  const fingerprint = (await lab.registry.devregistry(["fingerprint"])).stdout.trim();
  const trust = ["--address", ADDRESS, "--fingerprint", fingerprint, "--vault", "sealed"];
  const enrolled = await lab.client.run([PROGRAM, "enroll", "devregistry", ...trust, ...login, "--no-verify"], {
    stdin: PASSWORD,
  });
  if (enrolled.code !== 0) throw new Error(enrolled.stderr);
  writeFileSync(
    lab.client.path("/etc/regclient/daemon.yaml"),
    "version: 1\nreconcile: { interval: 10s, startSpread: 0s }\n",
  );
  const daemon = await lab.client.start([PROGRAM, "daemon", "--socket", "/run/regclient/credentials.sock"]);
  // the first pass opens the login, the others do not
  while (countTrust(lab) < 2) await wait(500);
  const before = look(lab);
  await wait(STRETCH_MS);
  const after = look(lab);
  await daemon.stop();
  await lab.registry.devregistry(["down"]);
  const passes = after.trust - before.trust;
  return {
    passes,
    connections: (after.connections - before.connections) / passes,
    requests: (after.requests - before.requests) / passes,
  };
}

function look(lab: Lab): { readonly connections: number; readonly requests: number; readonly trust: number } {
  return { connections: connectionsOf(lab.client.holderPid), requests: linesOf(lab).length, trust: countTrust(lab) };
}

function countTrust(lab: Lab): number {
  return linesOf(lab).filter((line) => line.includes(TRUST)).length;
}

function linesOf(lab: Lab): readonly string[] {
  return readFileSync(lab.registry.path(ACCESS_LOG), "utf8").trim().split("\n");
}

/** ActiveOpens of RFC 4022: TCP connections that the host has begun. */
function connectionsOf(pid: number): number {
  const [names = "", values = ""] = readFileSync(`/proc/${pid}/net/snmp`, "utf8").match(/^Tcp: .*$/gm) ?? [];
  return Number(values.split(" ")[names.split(" ").indexOf("ActiveOpens")]);
}
