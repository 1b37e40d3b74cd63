import { fstatSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { SecretStore } from "../credentials/secret-store.ts";
import { isJournal, withPriority } from "../daemon/log.ts";
import type { Watcher } from "../enrollment/pass.ts";
import {
  escapeJson,
  exitCodes,
  printable,
  printableText,
  problem,
  type ExitCode,
  type Problem,
} from "../findings/problem.ts";
import type { Host, Terminal } from "../host/ports.ts";
import type { TerminalOptions } from "../host/node-terminal.ts";
import { parseCommandLine } from "./app.ts";
import type { CommonOptions, Outcome } from "./command.ts";
import type { Completion } from "./completion/complete.ts";
import { renderCandidates, type Shell } from "./completion/scripts.ts";
import { createPainter, type Painter } from "./output/paint.ts";
import { problemText } from "./output/problem-text.ts";

/** The machine to work on, once the command line has said which part of it. */
export interface Machine {
  readonly version: string;
  hostAt(root: string, terminal: TerminalOptions): Host;
  readonly keychain: SecretStore;
}

/** The whole program: carries out a command line and gives the exit code. Bugs throw. */
export async function run(argv: readonly string[], machine: Machine): Promise<ExitCode> {
  const plain = machine.hostAt("/", { colour: undefined, interactive: false }).terminal;
  const parsed = await parseCommandLine(argv, machine.version, plain.columns);
  if (parsed.kind === "print") {
    plain.writeOut(parsed.text);
    return exitCodes.ok;
  }
  if (parsed.kind === "complete") {
    plain.writeOut(await answerShell(parsed.shell, parsed.completion, machine));
    return exitCodes.ok;
  }
  if (parsed.kind === "mistake") {
    const { message, command, wantsJson } = parsed;
    return refuse(plain, problem("RC-CFG-007", { mistake: message, command }), wantsJson);
  }
  const { common } = parsed;
  const root = resolve(common.root);
  if (!isDirectory(root)) {
    const wrong = problem("RC-CFG-007", {
      mistake: `${root}, given with --root, is no directory`,
      command: "regclient",
    });
    return refuse(plain, wrong, common.output === "json");
  }
  const host = machine.hostAt(root, { colour: common.color, interactive: !common.nonInteractive });
  const paint = createPainter(host.terminal.colour);
  const pass = { host, keychain: machine.keychain, watch: createWatcher(host, common) };
  const outcome = await parsed.run({ pass, common, paint, version: machine.version });
  if (outcome.isTold !== true) report(host.terminal, outcome, common, paint, isUnderJournal(host));
  return outcome.exit;
}

/** Nothing that goes wrong here may disturb somebody who types. */
async function answerShell(
  shell: Shell,
  { candidates, names, current, root }: Completion,
  machine: Machine,
): Promise<string> {
  if (!names || !isDirectory(root)) return renderCandidates(shell, candidates);
  const { listEnrolled } = await import("../enrollment/observe.ts");
  const { files } = machine.hostAt(resolve(root), { colour: undefined, interactive: false });
  const enrolled = (await listEnrolled(files))
    .filter((word) => word.startsWith(current))
    .map((word) => ({ word, describe: "enrolled" }));
  return renderCandidates(shell, [...candidates, ...enrolled]);
}

function refuse(terminal: Terminal, wrong: Problem, asJson: boolean): ExitCode {
  const outcome = { exit: wrong.exit, text: "", json: {}, problems: [wrong] };
  const common = { output: asJson ? "json" : "text" } as const;
  report(terminal, outcome, common, createPainter(terminal.colour));
  return wrong.exit;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** stderr of a unit of systemd's: the priority of a line stands at its beginning (sd-daemon(3)). */
function isUnderJournal({ caller: { environment } }: Host): boolean {
  const stream = environment["JOURNAL_STREAM"];
  return stream !== undefined && isJournal(stream, fstatSync(2));
}

function report(
  terminal: Terminal,
  outcome: Outcome,
  common: Pick<CommonOptions, "output">,
  paint: Painter,
  journal = false,
): void {
  if (common.output === "json") {
    const body = typeof outcome.json === "object" && outcome.json !== null ? outcome.json : {};
    const json = JSON.stringify({ exit: outcome.exit, ...body, problems: outcome.problems ?? [] }, undefined, 2);
    terminal.writeOut(`${escapeJson(json)}\n`);
    return;
  }
  terminal.writeOut(printableText(outcome.text));
  for (const each of outcome.problems ?? []) {
    const text = problemText(each, paint);
    terminal.writeErr(journal ? withPriority("error", text) : text);
  }
}

function createWatcher({ terminal, clock }: Host, common: CommonOptions): Watcher {
  const started = clock.elapsed();
  const write = (text: string): void => {
    const time = common.verbose ? `${String(Math.round(clock.elapsed() - started)).padStart(6)} ms ` : "";
    terminal.writeErr(`${time}· ${printable(text)}\n`);
  };
  const progress = (text: string): void => (common.quiet ? undefined : write(text));
  return {
    begin: progress,
    // what somebody has to know is told also to those who want no progress
    note: (text) => {
      const [first = "", ...more] = text.split("\n");
      write(`note: ${first}`);
      // lines to paste stand for themselves
      for (const line of more) terminal.writeErr(`${printable(line)}\n`);
    },
    waiting: (heldBy) => progress(`waiting for ${heldBy}`),
    recovered: ({ command, outcome, left }) => {
      write(`note: an interrupted "${command}" ${outcome === "undone" ? "was put back" : "was finished"}`);
      for (const path of left) write(`note: left as it is: ${path}`);
    },
  };
}
