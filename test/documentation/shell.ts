import { spawnSync } from "node:child_process";

/** A command of a script, and the line that it begins on, from 0. */
export interface ScriptCommand {
  readonly text: string;
  readonly index: number;
}

/**
 * The commands of a script, each with its continuation lines and here-documents, without those of comments alone. bash says
 * where one ends: it runs none of it.
 */
export function splitCommands(lines: readonly string[]): readonly ScriptCommand[] {
  const commands: ScriptCommand[] = [];
  let start = 0;
  lines.forEach((line, index) => {
    const text = lines.slice(start, index + 1).join("\n");
    const isOpen = /(?<!\\)(?:\\\\)*\\$/.test(line) || bash(["-n"], text) !== "";
    if (isOpen && index < lines.length - 1) return;
    if (isOpen) throw new Error(`no shell takes this for a whole command:\n${text}`);
    if (!/^(?:\s*(?:#.*)?\n?)*$/.test(text)) commands.push({ text, index: start });
    start = index + 1;
  });
  return commands;
}

/**
 * The words of each simple command in a command line, as bash makes them of it. Nothing is run, nothing is opened: each is
 * skipped before its redirections, and no program could be found.
 */
export function readWords(text: string): readonly (readonly string[])[] {
  const { stdout, stderr } = spawnSync("/bin/bash", ["--norc", "-c", `${SKIP_ALL}\n${text}`], {
    encoding: "utf8",
    env: { PATH: "/nonexistent", HOME: "/root" },
  });
  if (stderr !== "") throw new Error(`bash on ${text}: ${stderr}`);
  return stdout
    .split("\0")
    .slice(0, -1)
    .map((each) => wordsOf(each));
}

// with extdebug, what the trap says no to is not run (bash(1), shopt)
const SKIP_ALL = `set -fT; shopt -s extdebug; trap 'printf "%s\\0" "$BASH_COMMAND"; false' DEBUG`;

/** Redirections stand behind the words in what bash hands to the trap: the longest beginning that makes an array is the words. */
function wordsOf(command: string): readonly string[] {
  const chunks = command.split(" ");
  for (let length = chunks.length; length > 0; length -= 1) {
    const part = chunks.slice(0, length).join(" ");
    if (bash(["-n"], `words=( ${part} )`) !== "") continue;
    const printed = bash(["-fc"], `words=( ${part} ); printf '%s\\0' "\${words[@]}"`);
    return printed.split("\0").slice(0, -1);
  }
  return [];
}

function bash(options: readonly string[], text: string): string {
  const takesText = options.some((option) => option.endsWith("c"));
  const { stdout, stderr } = spawnSync("/bin/bash", ["--norc", ...options, ...(takesText ? [text] : [])], {
    encoding: "utf8",
    input: takesText ? "" : text,
    env: { PATH: "/nonexistent", HOME: "/root" },
  });
  return `${stdout}${stderr}`;
}
