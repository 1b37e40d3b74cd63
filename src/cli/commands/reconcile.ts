import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";
import { lockTimeout } from "./lock-timeout.ts";

/** Options of `regclient reconcile`. */
export const reconcileCommand = registered({
  usage: "reconcile [names..]",
  describe: "one pass over the declared registries: put right what differs from /etc/regclient/registries.d",
  build: buildReconcile,
  load: async () => (await import("./reconcile-run.ts")).runReconcile,
});

function buildReconcile(yargs: Argv) {
  return yargs
    .positional("names", {
      type: "string",
      array: true,
      default: [],
      describe: "registries [default: all that are declared]",
    })
    .option("dry-run", { type: "boolean", default: false, describe: "show what would be changed, and change nothing" })
    .option("lock-timeout", lockTimeout);
}

/** The options as yargs gives them. */
export type ReconcileArguments = OptionsOf<typeof buildReconcile>;
