/** What is wrong with a command line, and the command whose help tells how it is right. */
export interface Mistake {
  readonly message: string;
  /** `regclient enroll`, or `regclient` where no command was recognised. */
  readonly command: string;
}

/** Tells a mistake that yargs found in `argv` in regclient's own words. `commands` are the words that begin one. */
export function explainMistake(message: string, argv: readonly string[], commands: readonly string[]): Mistake {
  const words = listWords(argv);
  const known = words.findIndex((word) => commands.includes(word));
  const command = known === -1 ? [] : words.slice(known, known + 1 + Number(hasSubcommands(words[known])));
  return {
    message: rephrase(message, argv, words),
    // a word that is no subcommand has no help of its own
    command: ["regclient", ...(/Did you mean/.test(message) ? command.slice(0, 1) : command)].join(" "),
  };
}

const PASSWORD_REFUSED =
  "--password is no option, because everybody on the host can read command lines; use --password-stdin, and change that password";

function rephrase(message: string, argv: readonly string[], words: readonly string[]): string {
  // a password on the command line is in every process list by now; say so instead of "unknown argument"
  if (/unknown arguments?:.*password/i.test(message)) return PASSWORD_REFUSED;
  if (argv.some((word) => /^-p/i.test(word))) return PASSWORD_REFUSED.replace("--password", "-p");
  if (message.startsWith("Not enough non-option arguments: got 1"))
    return "the FINGERPRINT of a certificate is missing";
  if (message.startsWith("Not enough non-option arguments")) return "the NAME of a registry is missing";
  const unknown = /^Unknown arguments?: (.*)$/.exec(message)?.[1];
  if (unknown !== undefined) return tellUnknown(unknown.split(", "), argv);
  const valueless = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (valueless !== undefined) return `--${valueless} needs a value`;
  const [, option, given, choices] = /Argument: (\S+), Given: (.*), Choices: (.*)/.exec(message) ?? [];
  if (option !== undefined) return `--${option} cannot be ${given}, only ${choices}`;
  const guess = /^Did you mean (.*)\?$/.exec(message)?.[1];
  if (guess === undefined) return message;
  return `there is no command ${words[0] !== undefined && hasSubcommands(words[0]) ? words[1] : words[0]}; did you mean ${guess}?`;
}

/** Of an option with a hyphen yargs names also the camel-cased twin, which nobody typed. */
function tellUnknown(names: readonly string[], argv: readonly string[]): string {
  const asTyped = (name: string): string | undefined =>
    argv
      .map((word) => word.split("=")[0] ?? "")
      .find((word) => word.replace(/^-+(?:no-)?/, "") === name || word.replace(/^-+/, "") === name);
  const typed = names.flatMap((name) => asTyped(name) ?? []);
  const options = typed.filter((word) => word.startsWith("-"));
  if (options.length > 0) return `there is no option ${options.join(" or ")} here`;
  return `${(typed.length > 0 ? typed : names).join(", ")}: not expected here`;
}

/** The words that are no options, nor the values of those that may stand before a command. */
function listWords(argv: readonly string[]): readonly string[] {
  return argv.filter((word, index) => !word.startsWith("-") && !/^--(?:root|output)$/.test(argv[index - 1] ?? ""));
}

function hasSubcommands(word: string | undefined): boolean {
  return word === "trust" || word === "token";
}
