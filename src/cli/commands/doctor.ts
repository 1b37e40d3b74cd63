import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";

/** Options of `regclient doctor`. */
export const doctorCommand = registered({
  usage: "doctor [names..]",
  describe: "all that can be found wrong on this host, without changing it or pushing an image",
  build: buildDoctor,
  load: async () => (await import("./doctor-run.ts")).runDoctor,
});

function buildDoctor(yargs: Argv) {
  return yargs
    .positional("names", {
      type: "string",
      array: true,
      default: [],
      describe: "registries, enrolled or not [default: all that are enrolled]",
    })
    .example("$0 doctor", "this host, and every enrolled registry")
    .example("$0 doctor reg.example.com:5000", "one that is not enrolled yet");
}

/** The options as yargs gives them. */
export type DoctorArguments = OptionsOf<typeof buildDoctor>;
