import { resolve } from "node:path";
import yargs, { type Argv } from "yargs";
import { done, misused, type Outcome } from "./fault.ts";
import type { RotateOptions } from "./rotate.ts";
import type { UpOptions } from "./up.ts";
import type { PasswordSource } from "./users.ts";

/** What the command line asks for. */
export type Command = { readonly data: string } & (
  | ({ readonly name: "up" } & UpOptions)
  | { readonly name: "down"; readonly purge: boolean }
  | { readonly name: "adduser"; readonly user: string; readonly password: PasswordSource }
  | { readonly name: "rotate"; readonly options: RotateOptions }
  | { readonly name: "status"; readonly asJson: boolean }
  | { readonly name: "fingerprint"; readonly announced: boolean }
  | { readonly name: "logs"; readonly lines: number; readonly follow: boolean }
);

type Choice = Command extends infer Each ? (Each extends Command ? Omit<Each, "data"> : never) : never;

/** Reads the command line. Gives undefined after it has shown the help. */
export function parseCommandLine(argv: readonly string[], dataDefault: string): Outcome<Command | undefined> {
  let choice: Choice | undefined;
  const choose = (chosen: Choice): void => void (choice = chosen);
  const parser = buildParser(choose).option("data", {
    type: "string",
    requiresArg: true,
    default: dataDefault,
    describe: "folder that all files of the registry are in",
  });
  try {
    const { data } = parser.parseSync([...argv]);
    if (choice === undefined) return done(undefined);
    return done({ ...choice, data: resolve(data) });
  } catch (error) {
    return misused((error as Error).message, ["scripts/devregistry --help"]);
  }
}

function buildParser(choose: (choice: Choice) => void): Argv {
  const parser = yargs()
    .scriptName("devregistry")
    .usage("$0 COMMAND: a private registry as regclient's clients meet it, with nginx and a self-signed certificate")
    .version(false)
    .strict()
    .demandCommand(1, "name a command")
    .check((args) => refuseRepeated(args))
    .wrap(110)
    .exitProcess(false)
    .fail(false);
  return addOthers(addRotate(addUsers(addUp(parser, choose), choose), choose), choose);
}

function addUp(parser: Argv, choose: (choice: Choice) => void): Argv {
  return parser.command(
    "up",
    "start it, or change how it runs; what is not said stays as it was",
    (y) =>
      y.options({
        alias: { type: "string", requiresArg: true, describe: "name of this host in the certificate [devregistry]" },
        address: {
          type: "string",
          array: true,
          nargs: 1,
          describe: "IP address in the certificate, repeatable [those of this host]",
        },
        listen: { type: "string", requiresArg: true, describe: "address nginx listens on, or all [all]" },
        "https-port": { type: "number", requiresArg: true, describe: "nginx's port [443]" },
        "registry-port": { type: "number", requiresArg: true, describe: "the registry's port [5000]" },
        "expose-5000": { type: "boolean", describe: "open the registry's port, which asks for no password, to others" },
        delete: { type: "boolean", describe: "let clients delete; --no-delete forbids it [true]" },
        days: { type: "number", requiresArg: true, describe: "lifetime of certificates [397]" },
        engine: { choices: ["debian", "docker"] as const, describe: "what runs it [debian, if installed]" },
        username: { type: "string", requiresArg: true, describe: "also add this user, or give it a new password" },
        "password-stdin": passwordOption,
      }),
    (args) =>
      choose({
        name: "up",
        settings: defined({
          alias: args.alias,
          addresses: args.address,
          listen: args.listen === "all" ? null : args.listen,
          httpsPort: args.httpsPort,
          registryPort: args.registryPort,
          exposeRegistry: args.expose5000,
          allowDelete: args.delete,
          days: args.days,
          engine: args.engine,
        }),
        username: args.username,
        password: args.passwordStdin ? "stdin" : "generated",
      }),
  );
}

const passwordOption = {
  type: "boolean",
  default: false,
  describe: "read the password from standard input instead of making one",
} as const;

function addUsers(parser: Argv, choose: (choice: Choice) => void): Argv {
  return parser.command(
    "adduser <user>",
    "add a user, or give one a new password",
    (y) => y.positional("user", { type: "string", demandOption: true }).option("password-stdin", passwordOption),
    (args) => choose({ name: "adduser", user: args.user, password: args.passwordStdin ? "stdin" : "generated" }),
  );
}

function addRotate(parser: Argv, choose: (choice: Choice) => void): Argv {
  return parser.command(
    "rotate",
    "replace the certificate",
    (y) =>
      y
        .options({
          "same-key": { type: "boolean", default: false, describe: "keep the private key" },
          announce: { type: "boolean", describe: "only publish the coming certificate beside the current one" },
          activate: { type: "boolean", describe: "serve the announced certificate" },
          withdraw: { type: "boolean", describe: "drop the announced certificate" },
          days: { type: "number", requiresArg: true, describe: "lifetime of the new certificate [as set at up]" },
        })
        .conflicts({ announce: ["activate", "withdraw"], activate: "withdraw" })
        .check(({ days }) => refuseLifetime(days)),
    ({ announce, activate, withdraw, sameKey, days }) => {
      const step = announce ? "announce" : activate ? "activate" : withdraw ? "withdraw" : "now";
      choose({ name: "rotate", options: { step, sameKey, days } });
    },
  );
}

function addOthers(parser: Argv, choose: (choice: Choice) => void): Argv {
  return parser
    .command(
      "down",
      "stop it",
      (y) =>
        y.option("purge", { type: "boolean", default: false, describe: "remove certificate, users and images too" }),
      ({ purge }) => choose({ name: "down", purge }),
    )
    .command(
      "status",
      "show what runs, the certificate, the users and the health; exit 3 unless all is well",
      (y) => y.option("json", { type: "boolean", default: false, describe: "as JSON" }),
      ({ json }) => choose({ name: "status", asJson: json }),
    )
    .command(
      "fingerprint",
      "print the SHA-256 fingerprint of the certificate, as regclient enroll takes it",
      (y) => y.option("announced", { type: "boolean", default: false, describe: "of the announced certificate" }),
      ({ announced }) => choose({ name: "fingerprint", announced }),
    )
    .command(
      "logs",
      "show the ends of the logs",
      (y) =>
        y.options({
          lines: { type: "number", default: 20, requiresArg: true, describe: "lines of each" },
          follow: { type: "boolean", default: false, alias: "f", describe: "go on as they grow" },
        }),
      ({ lines, follow }) => choose({ name: "logs", lines, follow }),
    );
}

/** yargs makes a list of an option that is given twice. */
function refuseRepeated(args: Readonly<Record<string, unknown>>): true {
  const repeated = Object.keys(args).find((name) => name !== "_" && name !== "address" && Array.isArray(args[name]));
  if (repeated !== undefined) throw new Error(`--${repeated} is given twice`);
  return true;
}

function refuseLifetime(days: number | undefined): true {
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= 3650))
    throw new Error("--days: 1 to 3650");
  return true;
}

/** Only what was given, so that it can be laid over what is kept. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
