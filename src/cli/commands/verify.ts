import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";
import { lockTimeout } from "./lock-timeout.ts";

/** Options of `regclient verify`. */
export const verifyCommand = registered({
  usage: "verify [names..]",
  describe: "prove that enrolled registries work from this host, by using them",
  build: buildVerify,
  load: async () => (await import("./verify-run.ts")).runVerify,
});

function buildVerify(yargs: Argv) {
  return yargs
    .positional("names", {
      type: "string",
      array: true,
      default: [],
      describe: "registries [default: all that are enrolled]",
    })
    .option("via", {
      choices: ["auto", "direct", "docker", "podman", "skopeo", "buildah", "containerd"] as const,
      default: "auto" as const,
      describe: "by which way; auto: direct, docker, podman and containerd, as found; with --light direct alone",
    })
    .option("mode", { choices: ["login", "pull", "push-pull"] as const, describe: "how far to go" })
    .option("light", {
      type: "boolean",
      default: false,
      describe: "no image: prove the right to push by an upload of two bytes, always the same",
    })
    .option("record", {
      type: "boolean",
      default: false,
      describe: "keep how it went, for status and metrics (needs root)",
    })
    .option("lock-timeout", { ...lockTimeout, describe: "with --record: seconds to wait for another regclient" })
    .option("repository", { type: "string", requiresArg: true, describe: "repository to push to and pull from" })
    .option("size", {
      type: "string",
      requiresArg: true,
      describe: "push and pull BYTES (10M, 1GiB) through every way, and measure",
    })
    .option("report", {
      type: "string",
      array: true,
      default: [],
      requiresArg: true,
      describe: "also write junit=FILE, html=FILE or json=FILE (repeatable)",
    })
    .example("$0 verify", "every enrolled registry, directly and through the runtimes of this host")
    .example("$0 verify devregistry --via podman", "through podman, with what it trusts and the login that it finds")
    .example("$0 verify devregistry --size 1G", "how fast, and does a proxy on the way limit the size")
    .example("$0 verify --report junit=verify.xml --report html=verify.html", "for CI, and for people")
    .example("$0 verify devregistry --mode login --output json", "proves trust and login alone")
    .example("$0 verify --light --record", "what regclient-verify.timer runs");
}

/** The options as yargs gives them. */
export type VerifyArguments = OptionsOf<typeof buildVerify>;
