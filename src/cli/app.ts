import yargs, { type Argv } from "yargs";
import { wantsJson } from "./bug.ts";
import { describeCommands, type DescribedCommand } from "./command-tree.ts";
import type { Invocation, Outcome, CommonOptions } from "./command.ts";
import { completionCommand } from "./commands/completion.ts";
import { daemonCommand } from "./commands/daemon.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { enrollCommand } from "./commands/enroll.ts";
import { explainCommand } from "./commands/explain.ts";
import { loginCommand } from "./commands/login.ts";
import { logoutCommand } from "./commands/logout.ts";
import { reconcileCommand } from "./commands/reconcile.ts";
import { resealCommand } from "./commands/reseal.ts";
import { statusCommand } from "./commands/status.ts";
import { tokenCommand } from "./commands/token.ts";
import { trustCommand } from "./commands/trust.ts";
import { unenrollCommand } from "./commands/unenroll.ts";
import { verifyCommand } from "./commands/verify.ts";
import { completeWords, type Completion } from "./completion/complete.ts";
import { COMPLETE, SHELLS, type Shell } from "./completion/scripts.ts";
import { explainMistake, type Mistake } from "./mistake.ts";

/** What a command line asks for: code to run, a text to print, or a mistake in it. */
export type Parsed =
  | { readonly kind: "run"; readonly common: CommonOptions; readonly run: (invocation: Invocation) => Promise<Outcome> }
  | { readonly kind: "print"; readonly text: string }
  | { readonly kind: "complete"; readonly shell: Shell; readonly completion: Completion }
  | ({ readonly kind: "mistake"; readonly wantsJson: boolean } & Mistake);

const NAMES = [
  "enroll",
  "verify",
  "status",
  "doctor",
  "explain",
  "reconcile",
  "login",
  "logout",
  "reseal",
  "trust",
  "token",
  "unenroll",
  "daemon",
  "completion",
];

const COMMANDS = [
  enrollCommand,
  verifyCommand,
  statusCommand,
  doctorCommand,
  explainCommand,
  reconcileCommand,
  loginCommand,
  logoutCommand,
  resealCommand,
  trustCommand,
  tokenCommand,
  unenrollCommand,
  daemonCommand,
  completionCommand,
];

/** Reads a command line. yargs only parses: nothing is run, printed or exited here. */
export async function parseCommandLine(argv: readonly string[], version: string, columns: number): Promise<Parsed> {
  const shell = argv[0] === COMPLETE ? SHELLS.find((each) => each === argv[1]) : undefined;
  if (shell !== undefined)
    return { kind: "complete", shell, completion: completeWords(describeProgram(), argv.slice(2)) };
  let chosen: ((invocation: Invocation) => Promise<Outcome>) | undefined;
  let parser = addCommon(yargs([]))
    .scriptName("regclient")
    .usage("$0 COMMAND\n\nTrust, log in to and prove a private Docker registry.");
  for (const command of COMMANDS) parser = command.register(parser, (run) => (chosen = run)) as typeof parser;
  parser = parser.version("version", "show the version", version).wrap(Math.min(columns, 110));
  parser = parser
    .parserConfiguration({ "greedy-arrays": false, "dot-notation": false, "short-option-groups": false })
    .strict()
    .recommendCommands()
    .exitProcess(false)
    .fail(false)
    .help("help", "show this help")
    .alias("help", "h")
    .group(["help", "version"], EVERYWHERE);
  parser = parser
    .demandCommand(1, 1, `no command is given; there are ${NAMES.slice(0, -1).join(", ")} and ${NAMES.at(-1)}`)
    .epilogue(EPILOGUE);
  skipUnusedHelp(parser);
  let printed = "";
  try {
    const args = await parser.parseAsync([...argv], {}, (_error, _args, output) => void (printed = output));
    const repeated = printed === "" ? findRepeated(args) : undefined;
    if (repeated !== undefined) throw new Error(`--${repeated} is given more than once`);
    if (printed !== "" || chosen === undefined) return { kind: "print", text: `${printed}\n` };
    return { kind: "run", run: chosen, common: args as unknown as CommonOptions };
  } catch (error) {
    const mistake = explainMistake((error as Error).message, argv, NAMES);
    return { kind: "mistake", ...mistake, wantsJson: wantsJson(argv) };
  }
}

/** All that the command line can say, for completion and the manual pages. */
export function describeProgram(): DescribedCommand {
  return describeCommands(COMMANDS, addCommon);
}

/** Options that may be given several times; of the others yargs would make a list that nothing expects. */
const LISTS = new Set([
  "_",
  "names",
  "report",
  "fingerprint",
  "realm",
  "user",
  "runtime",
  "trust-source",
  "trustSource",
]);

function findRepeated(args: object): string | undefined {
  return Object.entries(args).find(([name, value]) => Array.isArray(value) && !LISTS.has(name))?.[0];
}

/**
 * Before it calls a command, yargs renders the command's help in case it will be shown, which takes a quarter of a short
 * run. Help that is asked for is rendered all the same.
 */
function skipUnusedHelp(parser: object): void {
  const usage = (parser as Partial<YargsInternals>).getInternalMethods?.().getUsageInstance();
  if (usage !== undefined) usage.cacheHelpMessage = () => undefined;
}

interface YargsInternals {
  getInternalMethods(): { getUsageInstance(): { cacheHelpMessage: () => void } };
}

const EPILOGUE = `Exit codes: 0 done · 1 a bug · 2 command line or configuration · 3 trust refused
4 credentials · 5 unreachable · 6 push or pull failed
7 host could not be changed (all put back) · 8 another regclient holds the lock`;

const EVERYWHERE = "Everywhere:";

function addCommon(parser: Argv) {
  return parser
    .option("root", {
      type: "string",
      default: "/",
      requiresArg: true,
      global: true,
      group: EVERYWHERE,
      describe: "all host paths lie below this directory",
    })
    .option("output", {
      choices: ["text", "json"] as const,
      default: "text" as const,
      requiresArg: true,
      group: EVERYWHERE,
      describe: "result on stdout",
    })
    .option("quiet", {
      type: "boolean",
      default: false,
      group: EVERYWHERE,
      describe: "no progress on stderr; notes stay",
    })
    .option("verbose", {
      type: "boolean",
      default: false,
      group: EVERYWHERE,
      describe: "times with each step on stderr",
    })
    .option("color", { type: "boolean", group: EVERYWHERE, describe: "colours (--no-color or NO_COLOR: none)" })
    .option("non-interactive", { type: "boolean", default: false, group: EVERYWHERE, describe: "never ask anything" });
}
