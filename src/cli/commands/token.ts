import type { Argv } from "yargs";
import { registered, type OptionsOf, type RegisteredCommand } from "../command.ts";

const createCommand = registered({
  usage: "create <name>",
  describe: "one line with all that hosts need to enroll but the password; made beside the registry",
  build: buildCreate,
  load: async () => (await import("./token-run.ts")).runTokenCreate,
});

/** `regclient token create`. */
export const tokenCommand: RegisteredCommand = {
  register: (yargs, choose) =>
    yargs.command("token", "enrollment tokens: address and fingerprints in one line", (inner) =>
      createCommand.register(inner, choose).demandCommand(1, 1, "token needs to be told what to do: create"),
    ),
};

function buildCreate(yargs: Argv) {
  return yargs
    .positional("name", {
      type: "string",
      demandOption: true,
      describe: "registry as in image names: HOST or HOST:PORT",
    })
    .option("address", { type: "string", requiresArg: true, describe: "IP address that hosts write as an alias" })
    .option("ca-file", { type: "string", requiresArg: true, describe: "certificates that the registry shows" })
    .option("fingerprint", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "SHA-256 of the certificate, or spki:… of its key",
    })
    .option("username", { type: "string", requiresArg: true, describe: "user that hosts log in as" })
    .option("realm", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "token server that may get the login",
    })
    .option("expires", {
      type: "string",
      requiresArg: true,
      describe: "how long it can be used: 12h, 30d [default: ever]",
    })
    .example("$0 token create devregistry --address 10.10.62.103 --username xl", "on the registry's own host")
    .example("$0 enroll devregistry --token-file token --password-stdin", "on each client");
}

/** The options as yargs gives them. */
export type TokenCreateArguments = OptionsOf<typeof buildCreate>;
