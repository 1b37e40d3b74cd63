import { describeProgram } from "../../src/cli/app.ts";
import type { DescribedCommand, DescribedOption } from "../../src/cli/command-tree.ts";
import { describeDeclarationFile } from "./man-declaration.ts";
import { environment, exitStatus, files, helperPage, introduction, seeAlso } from "./man-texts.ts";
import { bold, italic, paragraphs, renderPage, termList, verbatim, type ManualPage, type PageSection } from "./roff.ts";

/** All manual pages, from what the command line itself says; their day is that of `sourceDate` (seconds). */
export async function writeManualPages(sourceDate: number): Promise<readonly ManualPage[]> {
  const day = new Date(sourceDate * 1000).toISOString().slice(0, 10);
  const program = describeProgram();
  const pages = program.commands.map((command) => commandPage(program, command, day));
  return [programPage(program, day), ...pages, helperPage(day), describeDeclarationFile(day)];
}

function programPage(program: DescribedCommand, day: string): ManualPage {
  const commands = program.commands.map((command) => ({
    term: `${bold(`regclient-${command.name}`)}(1)`,
    text: command.describe,
  }));
  const examples = program.commands.flatMap((command) => command.examples);
  return renderPage("regclient", 1, {
    what: "make Docker hosts trust, log in to and prove private registries",
    day,
    sections: [
      { heading: "SYNOPSIS", body: `${bold("regclient")} ${italic("COMMAND")} [${italic("OPTIONS")}]` },
      { heading: "DESCRIPTION", body: introduction() },
      { heading: "COMMANDS", body: termList(commands) },
      { heading: "OPTIONS", body: optionList(program.options) },
      exitStatus(),
      environment(),
      files(),
      exampleSection(examples),
      seeAlso([...program.commands.map(({ name }) => `regclient-${name}`), "docker-credential-regclient"]),
    ],
  });
}

function commandPage(program: DescribedCommand, command: DescribedCommand, day: string): ManualPage {
  const inner = command.commands.length > 0 ? command.commands : [command];
  const prefix = command.commands.length > 0 ? `regclient ${command.name} ` : "regclient ";
  const sections = [
    { heading: "SYNOPSIS", body: inner.map((each) => synopsis(prefix, each)).join("\n.br\n") },
    { heading: "DESCRIPTION", body: describe(command) },
    { heading: "ARGUMENTS", body: termList(unique(inner.flatMap((each) => each.positionals)).map(argument)) },
    { heading: "OPTIONS", body: optionList(unique(inner.flatMap((each) => each.options))) },
    { heading: "COMMON OPTIONS", body: optionList(program.options) },
    exampleSection(command.examples),
    exitStatus(),
    seeAlso(["regclient"]),
  ];
  const what = command.describe.replace(/^what systemd runs: /, "");
  const filled = sections.filter(({ body }) => body !== "");
  return renderPage(`regclient-${command.name}`, 1, { what, day, sections: filled });
}

function describe(command: DescribedCommand): string {
  const all = command.commands.map((each) => ({ term: bold(`${command.name} ${each.name}`), text: each.describe }));
  return [paragraphs(`${capitalise(command.describe)}.`), ...(all.length > 0 ? [termList(all)] : [])].join("\n");
}

function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function unique(options: readonly DescribedOption[]): readonly DescribedOption[] {
  return [...new Map(options.map((option) => [option.name, option])).values()];
}

function synopsis(prefix: string, { usage, options }: DescribedCommand): string {
  const [name = "", ...positionals] = usage.split(" ");
  const words = positionals.map((word) => {
    const placeholder = italic(
      word
        .replaceAll(/[<>[\].]/g, "")
        .toUpperCase()
        .replace(/^NAMES$/, "NAME"),
    );
    const repeated = word.includes("..") ? " ..." : "";
    return word.startsWith("<") ? placeholder : `[${placeholder}${repeated}]`;
  });
  const rest = options.length > 0 ? [`[${italic("OPTIONS")}]`] : [];
  return [bold(prefix + name), ...words, ...rest].join(" ");
}

function argument({ name, describe: text, choices }: DescribedOption): {
  readonly term: string;
  readonly text: string;
} {
  return { term: italic(name === "names" ? "NAME" : name.toUpperCase()), text: withChoices(text, choices) };
}

function optionList(options: readonly DescribedOption[]): string {
  return termList(options.map((option) => ({ term: optionTerm(option), text: optionText(option) })));
}

function optionTerm({ name, isFlag, isList, isNumber, choices, default: standard }: DescribedOption): string {
  if (isFlag) return bold(standard === false ? `--${name}` : `--no-${name}`);
  const value = choices.length > 0 ? choices.map(bold).join("|") : italic(isNumber ? "NUMBER" : "VALUE");
  return `${bold(`--${name}`)} ${value}${isList ? " ..." : ""}`;
}

function optionText({ describe: text, isList, isFlag, default: standard }: DescribedOption): string {
  const known = !isFlag && ["string", "number"].includes(typeof standard) ? ` [default: ${String(standard)}]` : "";
  return `${text}${isList ? "; can be given several times" : ""}${known}`;
}

function withChoices(text: string, choices: readonly string[]): string {
  return choices.length === 0 ? text : `${text}; one of ${choices.join(", ")}`;
}

function exampleSection(examples: DescribedCommand["examples"]): PageSection {
  const body = examples.map(({ line, what }) => `${paragraphs(`${capitalise(what)}:`)}\n${verbatim([line])}`);
  return { heading: "EXAMPLES", body: body.join("\n") };
}
