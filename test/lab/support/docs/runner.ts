import { existsSync } from "node:fs";
import manifest from "../../../../package.json" with { type: "json" };
import { parseCommandLine } from "../../../../src/cli/app.ts";
import { fillPlaceholders } from "../../../documentation/placeholders.ts";
import { readWords } from "../../../documentation/shell.ts";
import { expectDone } from "../client-lab.ts";
import type { CommandResult } from "../command.ts";
import { checkout } from "../holder.ts";
import { groupOf, listGroup, NEWER, rows, type Placed } from "./list.ts";
import { typeOutside } from "./outside.ts";
import type { CommandRow, Group } from "./row.ts";
import { expectShown } from "./shown.ts";
import type { Stage } from "./stage.ts";

/** Runs the commands of a group in turn. What a sentence names is run once. Gives those that did not end as their page says. */
export async function runGroup(stage: Stage, group: Group): Promise<readonly string[]> {
  const wrong: string[] = [];
  const named = new Set<string>();
  for (const placed of listGroup(group)) {
    const { command, text, row } = placed;
    const isKnown = named.has(text);
    named.add(text);
    // a checkout is made ready once
    const isEnough = command.from === "inline" || group === "checkout";
    if (isKnown && isEnough && !rows.includes(row)) continue;
    try {
      // oxlint-disable-next-line no-await-in-loop -- each finds the host as the one before has left it
      await runOne(stage, placed);
    } catch (error) {
      wrong.push(`${command.file}:${command.line}: ${text}\n${(error as Error).message}`);
    }
  }
  return wrong;
}

async function runOne(stage: Stage, placed: Placed): Promise<void> {
  const { command, row } = placed;
  await findHost(stage, await writeLine(stage, placed), row);
  await row.prepare?.(stage);
  // the registry may show another certificate by now
  const typed = await writeLine(stage, placed);
  if (row.until === undefined) {
    const result = await withBeside(stage, row, () => typeLine(stage, typed, row));
    if (result.code !== (row.exit ?? 0))
      throw new Error(
        `ends with ${result.code}, typed as ${typed}\n${result.stdout.slice(-2000)}${result.stderr.slice(-2000)}`,
      );
    await row.check?.(stage, result.stdout);
    expectShown(command.output, result.stdout);
  } else await runUntil(stage, typed, row.until);
  // without a login the host is of no use to the next
  if (/regclient (?:logout|erase|store)/.test(typed))
    expectDone(await stage.client.type("regclient unenroll devregistry"));
}

/** What is typed for a command of a page. */
async function writeLine(stage: Stage, { command, text, row }: Placed): Promise<string> {
  const facts = { fingerprint: stage.fingerprint(), version: manifest.version, newer: NEWER };
  const filled = fillPlaceholders(row.as ?? text, facts);
  return command.from === "inline" && row.as === undefined ? completeNamed(filled) : filled;
}

/** Of a command that a sentence names, and that needs more than that, its help. */
async function completeNamed(text: string): Promise<string> {
  if (text === "docker-credential-regclient") return `${text} version`;
  if (text === "scripts/devregistry") return `${text} --help`;
  const [words = []] = text.startsWith("regclient ") ? readWords(text) : [];
  if (words.length === 0) return text;
  const parsed = await parseCommandLine(words.slice(1), manifest.version, 80);
  return parsed.kind === "mistake" ? `${text} --help` : text;
}

/** The host as the page supposes it. */
async function findHost(stage: Stage, line: string, row: CommandRow): Promise<void> {
  const isOwn =
    /^(?:docker-credential-)?regclient /.test(line) && !/ --help$| version$|completion|explain|--root/.test(line);
  const wanted = row.host ?? (line.startsWith("regclient enroll ") ? "bare" : isOwn ? "enrolled" : "as it is");
  if (wanted === "as it is" || row.at !== undefined || (row.host === undefined && !isOwn)) return;
  const isEnrolled = existsSync(stage.client.path("/var/lib/regclient/registries/devregistry.json"));
  if (isEnrolled === (wanted === "enrolled")) return;
  const options = `--address 10.10.62.103 --fingerprint ${stage.fingerprint()} --username xl --password-stdin --no-verify`;
  const change = isEnrolled ? "regclient unenroll devregistry" : `regclient enroll devregistry ${options}`;
  expectDone(await stage.client.type(change, { stdin: `${stage.password()}\n` }));
}

async function typeLine(stage: Stage, line: string, row: CommandRow): Promise<CommandResult> {
  if (row.at === "outside") return typeOutside(stage, line.replace(/(?<=-t )PID/, String(stage.pid)), row.stdin ?? "");
  const desk = row.at === "registry" ? stage.registry : stage.client;
  const asksPerson = /^regclient (?:--root \S+ )?(?:enroll|login) (?!.*(?:--help|--password-stdin))/.test(line);
  const stdin = row.stdin ?? (/--password-stdin|^regclient (?:enroll|login)/.test(line) ? `${stage.password()}\n` : "");
  const { user } = row;
  const isOfCheckout = line.startsWith("scripts/") || (row.group ?? groupOf(row.page)) === "checkout";
  const cwd = row.cwd ?? (isOfCheckout ? checkout : undefined);
  const options = {
    stdin,
    timeoutMs: 90_000,
    ...(cwd === undefined ? {} : { cwd }),
    ...(user === undefined ? {} : { user }),
  };
  const isAtTerminal = asksPerson || line.includes("systemctl edit");
  return isAtTerminal ? desk.typeAtTerminal(line, options) : desk.type(line, options);
}

async function withBeside(
  stage: Stage,
  { beside }: CommandRow,
  run: () => Promise<CommandResult>,
): Promise<CommandResult> {
  if (beside === undefined) return run();
  const running = await stage.client.start(beside.command);
  try {
    await stage.client.waitFor(beside.until);
    return await run();
  } finally {
    await running.stop();
  }
}

/** It comes to what it is for, and ends well when it is told to. */
async function runUntil({ client }: Stage, line: string, until: string): Promise<void> {
  const running = await client.start(line);
  try {
    await Promise.race([client.waitFor(until), running.ended]);
    if (!existsSync(client.path(until))) throw new Error(`there was never ${until}: ${running.output()}`);
  } finally {
    await running.stop();
  }
  const { code, stderr } = await running.ended;
  if (code !== 0) throw new Error(`ends with ${code} when it is told to: ${stderr}`);
}
