import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";
import { SHELLS } from "../completion/scripts.ts";

/** Options of `regclient completion`. */
export const completionCommand = registered({
  usage: "completion [shell]",
  describe: "print a script that teaches a shell to complete regclient's command lines",
  build: buildCompletion,
  load: async () => (await import("./completion-run.ts")).runCompletion,
});

function buildCompletion(yargs: Argv) {
  return yargs
    .positional("shell", { choices: SHELLS, describe: "which shell [default: that of $SHELL]" })
    .example("source <($0 completion bash)", "for this bash")
    .example("$0 completion fish | source", "for this fish");
}

/** The options as yargs gives them. */
export type CompletionArguments = OptionsOf<typeof buildCompletion>;
