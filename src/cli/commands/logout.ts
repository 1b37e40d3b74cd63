import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";
import { lockTimeout } from "./lock-timeout.ts";

/** Options of `regclient logout`. */
export const logoutCommand = registered({
  usage: "logout <name>",
  describe: "remove the stored login of a registry, which stays trusted",
  build: buildLogout,
  load: async () => (await import("./logout-run.ts")).runLogout,
});

function buildLogout(yargs: Argv) {
  return yargs
    .positional("name", { type: "string", demandOption: true, describe: "an enrolled registry" })
    .option("dry-run", { type: "boolean", default: false, describe: "show what would be changed, and change nothing" })
    .option("lock-timeout", lockTimeout);
}

/** The options as yargs gives them. */
export type LogoutArguments = OptionsOf<typeof buildLogout>;
