import type { Lab } from "../../test/lab/lab.ts";
import type { WebServer } from "./web-server.ts";

/** What a connection with one request costs nginx, in milliseconds of one core. */
export interface ConnectionCost {
  readonly newMs: number;
  readonly resumedMs: number;
}

const SECONDS = "5";

/** By openssl s_time(1), which does both kinds; regclient itself resumes no session. */
export async function measureResumption(lab: Lab, server: WebServer, address: string): Promise<ConnectionCost> {
  const measure = async (kind: "-new" | "-reuse"): Promise<number> => {
    const before = server.look();
    const where = ["-connect", `${address}:443`, "-www", "/.well-known/regclient/trust.pem"];
    const { code, stderr } = await lab.client.run(["openssl", "s_time", ...where, kind, "-time", SECONDS]);
    if (code !== 0) throw new Error(`openssl s_time ${kind}: ${stderr}`);
    const after = server.look();
    const log = after.log.slice(before.log.length);
    const resumed = log.filter(({ isResumed }) => isResumed).length;
    // the first connection of -reuse has nothing to resume
    if (kind === "-new" ? resumed > 0 : resumed < log.length - 2)
      throw new Error(`${resumed} of ${log.length} resumed`);
    return (after.cpuMs - before.cpuMs) / log.length;
  };
  return { newMs: await measure("-new"), resumedMs: await measure("-reuse") };
}
