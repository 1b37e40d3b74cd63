import { spawnSync } from "node:child_process";
import { readCertificate } from "./certificates.ts";
import { parseCommandLine, type Command } from "./cli.ts";
import { bringDown } from "./down.ts";
import { done, failed, type Fault, type Outcome } from "./fault.ts";
import { openInstance } from "./instance.ts";
import { defaultDataFolder } from "./layout.ts";
import { report, type Context, type Report } from "./report.ts";
import { rotate } from "./rotate.ts";
import { showStatus } from "./status.ts";
import { bringUp } from "./up.ts";
import { addUser } from "./users.ts";

const STDIN_LIMIT = 4096;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(argv, defaultDataFolder(process.getuid?.() === 0, process.env));
  if (!parsed.ok) return showFault(parsed.fault);
  if (parsed.value === undefined) return 0;
  const outcome = await runCommand(parsed.value);
  return outcome.ok ? showReport(outcome.value) : showFault(outcome.fault);
}

async function runCommand(command: Command): Promise<Outcome<Report>> {
  const context = makeContext();
  try {
    return await dispatch(command, context);
  } catch (error) {
    const { code, path, syscall } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM") throw error;
    return failed(`${syscall ?? "access"} ${path ?? ""}: permission denied`, [
      "run it with sudo",
      "or take --data DIR",
    ]);
  }
}

async function dispatch(command: Command, context: Context): Promise<Outcome<Report>> {
  const { data } = command;
  switch (command.name) {
    case "up":
      return await bringUp(data, command, context);
    case "down":
      return await bringDown(data, command.purge);
    case "adduser":
      return await addUser(data, command.user, command.password, context);
    case "rotate":
      return await rotate(data, command.options, context);
    case "status":
      return await showStatus(data, command.asJson, context);
    case "fingerprint":
      return showFingerprint(data, command.announced);
    case "logs":
      return showLogs(data, command.lines, command.follow);
  }
}

function showFingerprint(data: string, announced: boolean): Outcome<Report> {
  const instance = openInstance(data);
  if (!instance.ok) return instance;
  const kept = readCertificate(instance.value.layout, announced ? "next" : "current");
  return kept === undefined ? failed("no certificate is announced") : done(report(kept.fingerprint));
}

function showLogs(data: string, lines: number, follow: boolean): Outcome<Report> {
  const instance = openInstance(data);
  if (!instance.ok) return instance;
  const [program = "tail", ...args] = instance.value.engine.logCommand(lines, follow);
  const { status } = spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  return done({ lines: [], exit: status ?? 1 });
}

function makeContext(): Context {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());
  return {
    signal: interrupted.signal,
    now: () => new Date(),
    readStdin,
    say: (line) => process.stderr.write(`devregistry: ${line}\n`),
  };
}

async function readStdin(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > STDIN_LIMIT) break;
  }
  return text;
}

function showReport({ lines, exit }: Report): number {
  if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
  return exit;
}

function showFault({ summary, evidence, fix, exit }: Fault): number {
  process.stderr.write(`devregistry: error: ${summary}\n`);
  for (const line of evidence) process.stderr.write(`devregistry:   ${line}\n`);
  for (const line of fix) process.stderr.write(`devregistry: hint: ${line}\n`);
  return exit;
}
