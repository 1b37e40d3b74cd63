import type { Argv } from "yargs";
import { registered, type OptionsOf, type RegisteredCommand } from "../command.ts";
import { lockTimeout } from "./lock-timeout.ts";

const showCommand = registered({
  usage: "show <name>",
  describe: "what is trusted for a registry and why, what waits, and what was decided",
  build: buildShow,
  load: async () => (await import("./trust-run.ts")).runTrustShow,
});

const acceptCommand = registered({
  usage: "accept <name> <fingerprint>",
  describe: "trust the certificate that waits, beside what is trusted already",
  build: buildDecision,
  load: async () => (await import("./trust-run.ts")).runTrustAccept,
});

const rejectCommand = registered({
  usage: "reject <name> <fingerprint>",
  describe: "turn the certificate that waits down for good",
  build: buildDecision,
  load: async () => (await import("./trust-run.ts")).runTrustReject,
});

/** `regclient trust show|accept|reject`. */
export const trustCommand: RegisteredCommand = {
  register: (yargs, choose) =>
    yargs.command("trust", "what is trusted and why; accept or reject a certificate that waits", (inner) =>
      [showCommand, acceptCommand, rejectCommand]
        .reduce((parser, command) => command.register(parser, choose), inner)
        .demandCommand(1, 1, "trust needs to be told what to do: show, accept or reject"),
    ),
};

function buildShow(yargs: Argv) {
  return yargs.positional("name", { type: "string", demandOption: true, describe: "an enrolled registry" });
}

function buildDecision(yargs: Argv) {
  return buildShow(yargs)
    .positional("fingerprint", {
      type: "string",
      demandOption: true,
      describe: "SHA-256 of the certificate that waits, or of one of its chain",
    })
    .option("lock-timeout", lockTimeout);
}

/** The options as yargs gives them. */
export type TrustShowArguments = OptionsOf<typeof buildShow>;
/** The options as yargs gives them. */
export type TrustDecisionArguments = OptionsOf<typeof buildDecision>;
