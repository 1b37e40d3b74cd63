import type { DescribedCommand, DescribedOption } from "../command-tree.ts";

/** What a word could become, and what it is for. */
export interface Candidate {
  readonly word: string;
  readonly describe: string;
}

/** What may follow on a command line; with `names`, the registries that are enrolled below `root` as well. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly names: boolean;
  /** What candidates begin with. */
  readonly current: string;
  /** As the command line has it so far. */
  readonly root: string;
}

/** Completes the last of `words`, which may be empty; the name of the program is not among them. */
export function completeWords(program: DescribedCommand, words: readonly string[]): Completion {
  const current = words.at(-1) ?? "";
  const { command, pending, positionals, root } = readWords(program, words.slice(0, -1));
  const found = (candidates: readonly Candidate[], names = false): Completion => ({
    candidates: candidates.filter(({ word }) => word.startsWith(current)),
    names,
    current,
    root,
  });
  if (pending !== undefined) return found(choicesOf(pending));
  if (current.startsWith("-")) return found(optionsOf(program, command));
  if (command.commands.length > 0)
    return found(command.commands.map(({ name, describe }) => ({ word: name, describe })));
  const last = command.positionals.at(-1);
  const positional = command.positionals[positionals] ?? (last?.isList === true ? last : undefined);
  if (positional === undefined) return found([]);
  return found(choicesOf(positional), /^names?$/.test(positional.name) && command.name !== "enroll");
}

interface Read {
  readonly command: DescribedCommand;
  /** The option whose value comes next. */
  readonly pending: DescribedOption | undefined;
  readonly positionals: number;
  readonly root: string;
}

function readWords(program: DescribedCommand, words: readonly string[]): Read {
  let command = program;
  let pending: DescribedOption | undefined;
  let positionals = 0;
  let root = "/";
  for (const word of words) {
    const [flag = "", value] = word.split("=", 2);
    if (pending !== undefined) {
      if (pending.name === "root") root = word;
      pending = undefined;
    } else if (word.startsWith("-")) {
      const option = [...program.options, ...command.options].find(({ name }) => flag === `--${name}`);
      if (value === undefined && option?.isFlag === false) pending = option;
      else if (option?.name === "root" && value !== undefined) root = value;
    } else {
      const inner = command.commands.find(({ name }) => name === word);
      if (inner === undefined) positionals++;
      else command = inner;
    }
  }
  return { command, pending, positionals, root };
}

function choicesOf(option: DescribedOption): readonly Candidate[] {
  return option.choices.map((word) => ({ word, describe: "" }));
}

const ALWAYS = [
  { word: "--help", describe: "show help" },
  { word: "--version", describe: "show the version" },
];

function optionsOf(program: DescribedCommand, command: DescribedCommand): readonly Candidate[] {
  const own = command === program ? [] : command.options;
  return [...[...own, ...program.options].map(optionCandidate), ...ALWAYS];
}

/** What is on, or asked for otherwise, is offered as what turns it off. */
function optionCandidate({ name, isFlag, default: standard, describe }: DescribedOption): Candidate {
  return { word: isFlag && standard !== false ? `--no-${name}` : `--${name}`, describe };
}
