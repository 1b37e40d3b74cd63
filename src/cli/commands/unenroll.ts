import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";
import { lockTimeout } from "./lock-timeout.ts";

/** Options of `regclient unenroll`. */
export const unenrollCommand = registered({
  usage: "unenroll <name>",
  describe: "take back exactly what enrolling added",
  build: buildUnenroll,
  load: async () => (await import("./unenroll-run.ts")).runUnenroll,
});

function buildUnenroll(yargs: Argv) {
  return yargs
    .positional("name", { type: "string", demandOption: true, describe: "an enrolled registry" })
    .option("dry-run", { type: "boolean", default: false, describe: "show what would be changed, and change nothing" })
    .option("lock-timeout", lockTimeout);
}

/** The options as yargs gives them. */
export type UnenrollArguments = OptionsOf<typeof buildUnenroll>;
