import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";
import { lockTimeout } from "./lock-timeout.ts";

/** Options of `regclient reseal`. */
export const resealCommand = registered({
  usage: "reseal",
  describe: "make a new key for the sealed logins of this host, and encrypt them anew",
  build: buildReseal,
  load: async () => (await import("./reseal-run.ts")).runReseal,
});

function buildReseal(yargs: Argv) {
  return yargs.option("lock-timeout", lockTimeout);
}

/** The options as yargs gives them. */
export type ResealArguments = OptionsOf<typeof buildReseal>;
