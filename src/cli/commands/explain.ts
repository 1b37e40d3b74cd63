import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";

/** Options of `regclient explain`. */
export const explainCommand = registered({
  usage: "explain [code]",
  describe: "what a finding means; with - what the messages of other programs on stdin mean",
  build: buildExplain,
  load: async () => (await import("./explain-run.ts")).runExplain,
});

function buildExplain(yargs: Argv) {
  return yargs
    .positional("code", { type: "string", describe: "a code as RC-TLS-003, or - [default: lists all codes]" })
    .example("$0 explain RC-TLS-003", "its cause, what to do, where to read on")
    .example("docker pull IMAGE 2>&1 | $0 explain -", "the likely findings, and how to confirm each");
}

/** The options as yargs gives them. */
export type ExplainArguments = OptionsOf<typeof buildExplain>;
