import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";

/** Options of `regclient status`. */
export const statusCommand = registered({
  usage: "status [names..]",
  describe: "what this host is enrolled with: trust and why, logins, files",
  build: buildStatus,
  load: async () => (await import("./status-run.ts")).runStatus,
});

function buildStatus(yargs: Argv) {
  return yargs
    .positional("names", { type: "string", array: true, default: [], describe: "registries [default: all]" })
    .option("watch", { type: "boolean", default: false, describe: "show it again whenever it changes, until Ctrl-C" });
}

/** The options as yargs gives them. */
export type StatusArguments = OptionsOf<typeof buildStatus>;
