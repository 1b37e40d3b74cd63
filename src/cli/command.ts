import type { ArgumentsCamelCase, Argv } from "yargs";
import type { Problem, ExitCode } from "../findings/problem.ts";
import type { Pass } from "../enrollment/pass.ts";
import type { Painter } from "./output/paint.ts";

/** Options that every command has. */
export interface CommonOptions {
  readonly root: string;
  readonly output: "text" | "json";
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean | undefined;
  readonly nonInteractive: boolean;
}

/** What a command's code is given. */
export interface Invocation {
  readonly pass: Pass;
  readonly common: CommonOptions;
  readonly paint: Painter;
  /** Of regclient. */
  readonly version: string;
}

/** What a command came to: text for people, a value for scripts, and the exit code. */
export interface Outcome {
  readonly exit: ExitCode;
  readonly text: string;
  readonly json: unknown;
  /** Told on stderr in text mode, after the text. */
  readonly problems?: readonly Problem[];
  /** The command has written all of it itself, while it ran. */
  readonly isTold?: boolean;
}

/** A command as yargs sees it. Its code is loaded when it is called, so that --help stays quick. */
export interface Command<T> {
  readonly usage: string;
  readonly describe: string;
  readonly build: (yargs: Argv) => Argv<T>;
  readonly load: () => Promise<(args: ArgumentsCamelCase<T>, invocation: Invocation) => Promise<Outcome>>;
}

/** The options that a builder describes, as the command's code gets them. */
export type OptionsOf<B> = B extends (yargs: Argv) => Argv<infer T> ? ArgumentsCamelCase<T> : never;

/** A command whose options are checked together; what `register` hands back no longer shows them. */
export interface RegisteredCommand {
  readonly register: (yargs: Argv, choose: (run: (invocation: Invocation) => Promise<Outcome>) => void) => Argv;
}

/** Ties a command's options to its code once, where the compiler can still check them. */
export function registered<T>(command: Command<T>): RegisteredCommand {
  // groups are shown in the order they are made in: what is the command's own comes first
  const build = (yargs: Argv): Argv<T> => command.build(yargs.group([], "Positionals:").group([], "Options:"));
  return {
    register: (yargs, choose) =>
      yargs.command(command.usage, command.describe, build, (args: ArgumentsCamelCase<T>) => {
        choose(async (invocation) => (await command.load())(args, invocation));
      }),
  };
}
