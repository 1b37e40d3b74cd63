import type { Argv, Options } from "yargs";
import type { RegisteredCommand } from "./command.ts";

/** An option or a positional as its builder describes it. */
export interface DescribedOption {
  readonly name: string;
  readonly describe: string;
  readonly choices: readonly string[];
  /** Nothing follows it. */
  readonly isFlag: boolean;
  readonly isList: boolean;
  readonly isNumber: boolean;
  readonly default: unknown;
}

/** A command, with all that its help could say of it. */
export interface DescribedCommand {
  /** With its positionals, as yargs has it: `enroll <name>`. */
  readonly usage: string;
  readonly name: string;
  readonly describe: string;
  readonly positionals: readonly DescribedOption[];
  readonly options: readonly DescribedOption[];
  readonly examples: readonly Example[];
  readonly commands: readonly DescribedCommand[];
}

/** A command line, and what it is for. */
export interface Example {
  readonly line: string;
  readonly what: string;
}

/**
 * What the builders describe, written down instead of parsed with: completion and the manual pages are made from it, so
 * that neither can differ from what yargs does.
 */
export function describeCommands(
  commands: readonly RegisteredCommand[],
  addCommon: (parser: Argv) => unknown,
): DescribedCommand {
  const root = emptyCommand("regclient", "");
  const recorder = recordInto(root);
  addCommon(recorder);
  for (const command of commands) command.register(recorder, () => undefined);
  return root;
}

interface Growing extends DescribedCommand {
  readonly positionals: DescribedOption[];
  readonly options: DescribedOption[];
  readonly examples: Example[];
  readonly commands: DescribedCommand[];
}

function emptyCommand(usage: string, describe: string): Growing {
  const name = usage.split(" ")[0] ?? usage;
  return { usage, name, describe, positionals: [], options: [], examples: [], commands: [] };
}

/** Knows the methods that builders use; another one throws, and is to be added. */
function recordInto(target: Growing): Argv {
  const recorder = {
    option: (name: string, spec: Options) => (target.options.push(describeOption(name, spec)), recorder),
    positional: (name: string, spec: Options) => (target.positionals.push(describeOption(name, spec)), recorder),
    example: (line: string, what: string) => (
      target.examples.push({ line: line.replace("$0", "regclient"), what }),
      recorder
    ),
    demandCommand: () => recorder,
    group: () => recorder,
    command: (usage: string, describe: string, build: (inner: Argv) => unknown) => {
      const inner = emptyCommand(usage, describe);
      target.commands.push(inner);
      build(recordInto(inner));
      return recorder;
    },
  };
  return recorder as unknown as Argv;
}

function describeOption(name: string, spec: Options): DescribedOption {
  return {
    name,
    describe: spec.describe ?? "",
    choices: (spec.choices ?? []).map(String),
    isFlag: spec.type === "boolean",
    isList: spec.array === true,
    isNumber: spec.type === "number",
    default: spec.default,
  };
}
