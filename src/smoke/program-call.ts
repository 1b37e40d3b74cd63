import { reveal } from "../credentials/secret.ts";
import type { Credential } from "../credentials/vault.ts";
import { guessFindings } from "../explain/match.ts";
import { readLines, withoutSecrets } from "../explain/clean.ts";
import { catalogue } from "../findings/catalogue.ts";
import { problem, type Problem } from "../findings/problem.ts";
import type { Host, ProcessResult } from "../host/ports.ts";
import { imageReference } from "../registry/name.ts";
import { isIdentityToken } from "../registry/token.ts";
import { findProgram } from "../runtimes/probe.ts";
import { failure, success, type Result } from "../result.ts";
import type { Verification } from "./direct.ts";
import type { Command, ProgramWay } from "./program-way.ts";
import { explainRefusal, explainUnreadable, stopped } from "./refusal.ts";

/** A program that can be called. */
export interface Calls {
  version(): Promise<Result<string>>;
  /** Runs the commands until one fails; what it says is explained. `action` as in "could not push". */
  runAll(commands: readonly Command[], action: string): Promise<Result<void>>;
  /** Runs each of them, also when the verification was stopped; gives why something stays. */
  cleanUp(commands: readonly Command[]): Promise<readonly string[]>;
}

const VERSION_MS = 10_000;
const CLEANING_MS = 30_000;
const LEAST_MS = 2 * 60_000;
// 100 kB a second is slow; ctr may never end where a proxy refuses a body half-way
const SLOWEST_BYTES_PER_MS = 100;
const NOTHING = new Uint8Array();
// a terminal takes no longer line, and acts on control characters (termios(3), canonical mode)
const LONGEST_LINE = 4000;
// oxlint-disable-next-line no-control-regex -- control characters are the point
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Why a program that only takes a login at a terminal cannot be given this one without showing it to others. */
export async function whyNoLogin(
  host: Pick<Host, "files">,
  { asksForLogin, program }: ProgramWay,
  credential: Credential | undefined,
): Promise<string | undefined> {
  if (asksForLogin !== true || credential === undefined) return undefined;
  const reason = whyNotAsked(await findProgram(host, ["script"]), credential);
  return reason && `${program} cannot be given the login without showing it to every user of the host: ${reason}`;
}

/** What calling the program takes; `folder` is for its temporary files, which would stay elsewhere when it is killed. */
export async function makeCalls(
  verification: Verification,
  way: ProgramWay,
  program: string,
  folder: string,
): Promise<Calls> {
  const { host, credential } = verification;
  const script = way.asksForLogin === true ? await findProgram(host, ["script"]) : undefined;
  const password = credential === undefined ? "" : reveal(credential.password);
  const limit = LEAST_MS + Math.round((verification.size ?? 0) / SLOWEST_BYTES_PER_MS);
  const run = async (command: Command, timeoutMs: number, afterStop = false): Promise<ProcessResult> => {
    const argv = [program, ...command.args];
    const options = { timeoutMs, afterStop, environment: { TMPDIR: folder } };
    if (command.needsLogin !== true) return host.processes.run(argv, { ...options, input: NOTHING });
    const asked = [script ?? "", "--quiet", "--return", "--command", argv.map(quote).join(" "), "/dev/null"];
    return host.processes.run(asked, { ...options, input: Buffer.from(`${password}\n`) });
  };
  const said = (result: ProcessResult): string => withoutPassword(saidBy(result), password);
  return {
    version: async () => checkVersion(way, await run({ args: way.versionArguments }, VERSION_MS)),
    runAll: async (commands, action) => {
      for (const command of commands) {
        const started = host.clock.elapsed();
        const result = await run(command, limit);
        const isLate = result.code === undefined && host.clock.elapsed() - started >= limit;
        const text = isLate ? `it did not end within ${Math.round(limit / 1000)} seconds` : said(result);
        if (result.code !== 0) return failure(explain(verification, way, action, text));
      }
      return success(undefined);
    },
    cleanUp: async (commands) => {
      const reasons: string[] = [];
      for (const command of commands) {
        const result = await run(command, CLEANING_MS, true);
        if (result.code !== 0 && !isAbsent(said(result))) reasons.push(lastLine(said(result)));
      }
      return reasons;
    },
  };
}

function whyNotAsked(script: string | undefined, credential: Credential): string | undefined {
  if (script === undefined) return "it asks at a terminal, and there is no `script` (of util-linux) to give it one";
  if (isIdentityToken(credential)) return "it takes an identity token only in its arguments";
  const password = reveal(credential.password);
  return CONTROL.test(password) || password.length > LONGEST_LINE
    ? "no terminal passes on a password that is so long, or has control characters in it"
    : undefined;
}

function checkVersion({ title }: ProgramWay, result: ProcessResult): Result<string> {
  const version = /\d+\.\d+(?:\.\d+)?[^\s,]*/.exec(Buffer.from(result.stdout).toString("utf8"))?.[0];
  if (result.code === 0) return success(version === undefined ? title : `${title} ${version}`);
  const reason = lastLine(saidBy(result)) || "it does not say why";
  return failure(problem("RC-ENG-050", { program: title, reason }, [reason]));
}

function isLocal(action: string): boolean {
  return action === "take in" || action === "remove";
}

function saidBy({ stdout, stderr }: ProcessResult): string {
  return `${Buffer.from(stdout).toString("utf8")}\n${stderr}`;
}

/** A terminal that is typed to before the program has turned its echo off shows what is typed. */
function withoutPassword(text: string, password: string): string {
  return password === "" ? text : text.replaceAll(password, "[redacted]");
}

function lastLine(text: string): string {
  // logrus, and a list of errors (containers/image): only what they say
  const said = readLines(Buffer.from(text)).map((line) => line.replace(/^time="[^"]*" level=\w+ msg="(.*)"$/, "$1"));
  const lines = said.filter((line) => !/\d+ errors? occurred:$/.test(line)).map(withoutSecrets);
  return lines.findLast((line) => /error|fata|failed|denied|x509|cannot/i.test(line)) ?? lines.at(-1) ?? "";
}

function isAbsent(text: string): boolean {
  return /not known|not found|no such image|does not exist|unable to find|invalid reference format/i.test(text);
}

/** Its own words are matched as `regclient explain -` matches them; what they are a sign of decides the exit code. */
function explain(
  verification: Verification,
  { title, program, via }: ProgramWay,
  action: string,
  text: string,
): Problem {
  const { route, repository } = verification;
  const { name } = route;
  if (verification.host.signal.aborted) return stopped(route, `${title} was to ${action} an image`);
  const reason = lastLine(text) || "it says nothing";
  const refused = explainRefusal(verification, action, reason, `a server that ${title} does not name`);
  if (refused !== undefined) return refused;
  const unreadable = explainUnreadable(verification, title, reason);
  if (unreadable !== undefined) return unreadable;
  const [guess] = guessFindings(readLines(Buffer.from(text)));
  const facts = { program: title, command: program, via, name: name.key, host: name.host, authority: name.authority };
  const evidence = guess === undefined ? [reason] : [reason, `a sign of ${guess.code}: ${guess.summary}`];
  const code = codeFor(guess === undefined ? "smoke" : catalogue[guess.code].exit, isLocal(action));
  return problem(code, { ...facts, action, image: imageReference(name, repository), reason }, evidence);
}

function codeFor(exit: string, local: boolean): "RC-ENG-052" | "RC-ENG-053" | "RC-ENG-054" | "RC-ENG-055" {
  if (local) return "RC-ENG-055";
  if (exit === "trust") return "RC-ENG-052";
  if (exit === "credentials") return "RC-ENG-053";
  return exit === "unreachable" ? "RC-ENG-054" : "RC-ENG-055";
}

/** For the shell that `script` starts (POSIX sh, 2.2.2). */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
