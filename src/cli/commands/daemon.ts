import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";

/** Options of `regclient daemon`. */
export const daemonCommand = registered({
  usage: "daemon",
  describe: "what systemd runs: keeps this host as declared, and gives its logins to the users who may have them",
  build: buildDaemon,
  load: async () => (await import("./daemon-run.ts")).runDaemonCommand,
});

function buildDaemon(yargs: Argv) {
  return yargs
    .option("socket", {
      type: "string",
      requiresArg: true,
      describe: "make the socket at this path [default: the one that systemd passes]",
    })
    .option("probe", {
      type: "boolean",
      default: false,
      describe: "ask the daemon that runs at the socket for a sign of life, and end: for containers",
    })
    .option("metrics-listen", {
      type: "string",
      requiresArg: true,
      describe: "serve Prometheus metrics: unix:/PATH, 127.0.0.1:PORT or [::1]:PORT [default: nowhere]",
    })
    .option("metrics-textfile", {
      type: "string",
      requiresArg: true,
      describe: "write them to this file, for node_exporter: /DIR/NAME.prom [default: no file]",
    });
}

/** The options as yargs gives them. */
export type DaemonArguments = OptionsOf<typeof buildDaemon>;
