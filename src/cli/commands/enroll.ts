import type { Argv } from "yargs";
import { registered, type OptionsOf } from "../command.ts";
import { RUNTIME_CHOICES } from "../../runtimes/runtime-ids.ts";
import { lockTimeout } from "./lock-timeout.ts";

/** Options of `regclient enroll`. */
export const enrollCommand = registered({
  usage: "enroll <name>",
  describe: "make this host trust, log in to and prove a registry",
  build: buildEnroll,
  load: async () => (await import("./enroll-run.ts")).runEnroll,
});

function buildEnroll(yargs: Argv) {
  return addLogin(addTrust(addHost(yargs)))
    .option("verify", {
      type: "boolean",
      default: true,
      describe: "prove it by a push and a pull afterwards (--no-verify: do not)",
    })
    .option("mode", { choices: ["login", "pull", "push-pull"] as const, describe: "how far verification goes" })
    .option("repository", { type: "string", describe: "repository that verification uses [default: regclient-smoke]" })
    .option("dry-run", { type: "boolean", default: false, describe: "show what would be changed, and change nothing" })
    .option("lock-timeout", lockTimeout)
    .example("$0 enroll devregistry --address 10.10.62.103 --fingerprint sha256:… --username xl", "the first time")
    .example("$0 enroll devregistry", "again: puts right what has changed");
}

function addHost(yargs: Argv) {
  return yargs
    .positional("name", {
      type: "string",
      demandOption: true,
      describe: "registry as in image names: HOST or HOST:PORT",
    })
    .option("address", { type: "string", requiresArg: true, describe: "IP address; written as an alias to /etc/hosts" })
    .option("hosts", { type: "boolean", describe: "write the alias (--no-hosts: leave /etc/hosts alone)" })
    .option("runtime", {
      type: "string",
      array: true,
      choices: RUNTIME_CHOICES,
      describe: "container runtime to set up, can be repeated [default: auto, Docker and those that are found]",
    })
    .option("replace", {
      type: "boolean",
      default: false,
      describe: "replace a ca.crt of somebody else; unenroll puts it back",
    });
}

function addTrust<T>(yargs: Argv<T>) {
  return yargs
    .option("ca-file", { type: "string", requiresArg: true, describe: "certificates to trust: PEM, DER or PKCS#7" })
    .option("ca-url", {
      type: "string",
      requiresArg: true,
      describe: "https URL to fetch them from; its server must be known to the system",
    })
    .option("fingerprint", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "SHA-256 of the certificate, or spki:… of its key",
    })
    .option("token-file", {
      type: "string",
      requiresArg: true,
      describe: "address and fingerprints, as regclient token create printed them",
    })
    .option("trust-source", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "where certificates to come are announced: KIND or KIND=URL, or none",
    })
    .option("hold-down", {
      type: "string",
      requiresArg: true,
      describe: "how long one is announced before it is trusted [default: 24h]",
    })
    .option("client-cert", {
      type: "string",
      requiresArg: true,
      describe: "certificate (PEM) of this host, for a registry that asks its clients for one",
    })
    .option("client-key", {
      type: "string",
      requiresArg: true,
      describe: "its private key (PEM, no passphrase); both files are read again in each pass",
    })
    .option("trust-on-first-use", {
      type: "boolean",
      default: false,
      describe: "trust whatever is served now: only on a network you trust",
    });
}

function addLogin<T>(yargs: Argv<T>) {
  return yargs
    .option("username", { type: "string", requiresArg: true, describe: "user to log in as; the password is asked for" })
    .option("password-stdin", { type: "boolean", default: false, describe: "read the password from stdin" })
    .option("vault", {
      choices: ["auto", "keychain", "systemd", "sealed"] as const,
      describe: "where the password is kept",
    })
    .option("realm", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "other host that may be given the login, for token servers",
    })
    .option("migrate", {
      type: "boolean",
      default: false,
      describe: "move a password that docker login left in config.json into the vault",
    })
    .option("user", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "login name whose Docker config gets the helper, beside yours",
    })
    .option("docker-config", {
      type: "boolean",
      describe: "register the credential helper (--no-docker-config: do not)",
    });
}

/** The options as yargs gives them. */
export type EnrollArguments = OptionsOf<typeof buildEnroll>;
