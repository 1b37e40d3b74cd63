import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";
import { lockTimeout } from "./lock-timeout.ts";

/** Options of `regclient login`. */
export const loginCommand = registered({
  usage: "login <name>",
  describe: "change the stored login of an enrolled registry, once the new one is proved",
  build: buildLogin,
  load: async () => (await import("./login-run.ts")).runLogin,
});

function buildLogin(yargs: Argv) {
  return yargs
    .positional("name", { type: "string", demandOption: true, describe: "an enrolled registry" })
    .option("username", { type: "string", requiresArg: true, describe: "user to log in as [default: the stored one]" })
    .option("password-stdin", { type: "boolean", default: false, describe: "read the password from stdin" })
    .option("vault", {
      choices: ["auto", "keychain", "systemd", "sealed"] as const,
      describe: "where the password is kept",
    })
    .option("lock-timeout", lockTimeout);
}

/** The options as yargs gives them. */
export type LoginArguments = OptionsOf<typeof buildLogin>;
