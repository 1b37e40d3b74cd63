// Runs inside a lab host: kills regclient at every step and tries every way on from there. Prints what it found as JSON.
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join, resolve } from "node:path";
import { startEmbeddedRegistry } from "../../../scripts/embedded-registry/server.ts";
import { makeSelfSigned } from "../../support/self-signed.ts";
import { runAnnounced, type CrashSetup, type Printed } from "./crash-machine.ts";
import { copyTree, differences, dropTree, makeTree, readTree } from "./crash-tree.ts";
import type { KillPoint } from "./kill-main.ts";

/** What is to be interrupted, and on which kind of host. */
export interface Scenario {
  readonly command: "enroll" | "unenroll" | "password";
  readonly vault: CrashSetup["vault"];
  readonly bindHosts: boolean;
  /** Also kill the run that cleans up, at every `step`-th of its changes. */
  readonly again?: { readonly step: number };
}

/** A way on after which the host was neither as before nor as after. */
export interface Broken {
  readonly killedAt: string;
  readonly wayOn: string;
  readonly exit: number;
  readonly differs: readonly string[];
  readonly printed: string;
}

/** What the driver prints. */
export interface CrashReport {
  /** What the command does when nobody interrupts it. */
  readonly calls: readonly string[];
  readonly kills: number;
  readonly waysOn: number;
  readonly broken: readonly Broken[];
}

type Tree = Readonly<Record<string, string>>;
interface WayOn {
  readonly argv: readonly string[];
  /** Exit code and tree, any of which is right. */
  readonly right: readonly (readonly [number, Tree])[];
}

const ADDRESS = "10.10.62.10";
const users = { xl: "first password", other: "second password" };
// goes away with the lab
const scratch = mkdtempSync("/tmp/crash-");
const work = resolve(import.meta.dirname, "kill-main.ts");

process.stdout.write(JSON.stringify(await drive(JSON.parse(process.argv[2] ?? "") as Scenario)));
process.exit();

async function drive(scenario: Scenario): Promise<CrashReport> {
  const tls = makeSelfSigned(["DNS:devregistry"]);
  const rules = { auth: "basic", users, deleteEnabled: true } as const;
  await startEmbeddedRegistry({ host: ADDRESS, port: 443, tls, ...rules });
  const pin = `sha256:${new X509Certificate(tls.cert).fingerprint256.replaceAll(":", "").toLowerCase()}`;
  const commands = commandsFor(pin, scenario);
  const bases = await makeBases(commands, scenario);
  const found = { kills: 0, waysOn: 0, broken: [] as Broken[] };
  const start = join(scratch, scenario.command === "enroll" ? "before" : "enrolled");
  const calls = await listCalls(start, commands.interrupted, scenario);
  const points = calls.flatMap(({ call, canTear }, index) => {
    const point = { call, at: index + 1, torn: false };
    return canTear ? [point, { ...point, torn: true }] : [point];
  });
  await Promise.all([0, 1].map((half) => killAll(points.filter((_, index) => index % 2 === half))));
  return { calls: calls.map(({ call }) => call), ...found };

  async function killAll(mine: typeof points): Promise<void> {
    for (const point of mine) {
      const crashed = join(scratch, `${point.at}-${point.torn}`);
      copyTree(start, crashed, scenario.bindHosts);
      await kill(commands.interrupted, crashed, point, scenario);
      found.kills += 1;
      const title = `${point.torn ? "half of" : "before"} ${point.at}: ${point.call}`;
      for (const way of waysOn(commands, bases, scenario)) await tryWay(crashed, way, title);
      if (scenario.again !== undefined && point.at % scenario.again.step === 1) await killAgain(crashed, title);
      dropTree(crashed, scenario.bindHosts);
    }
  }

  async function killAgain(crashed: string, title: string): Promise<void> {
    const { step } = scenario.again ?? { step: 1 };
    for (let at = 1; ; at += step) {
      const twice = `${crashed}-again`;
      copyTree(crashed, twice, scenario.bindHosts);
      const died = await kill(commands.unenroll, twice, { at, torn: false }, scenario);
      found.kills += died ? 1 : 0;
      const again = `${title}, then before ${at} of unenroll`;
      if (died) for (const way of waysOn(commands, bases, scenario)) await tryWay(twice, way, again);
      dropTree(twice, scenario.bindHosts);
      if (!died) return;
    }
  }

  async function tryWay(crashed: string, way: WayOn, killedAt: string): Promise<void> {
    const root = `${crashed}-${way.argv[0]}`;
    copyTree(crashed, root, scenario.bindHosts);
    const printed = { text: "" };
    const exit = await runQuietly(way.argv, root, scenario, printed);
    const tree = readTree(root);
    found.waysOn += 1;
    if (!way.right.some(([code, right]) => code === exit && differences(right, tree).length === 0)) {
      const differs = way.right.map(([, right]) => differences(right, tree).join(" "));
      found.broken.push({ killedAt, wayOn: way.argv.slice(0, 2).join(" "), exit, differs, printed: printed.text });
    }
    dropTree(root, scenario.bindHosts);
  }
}

interface Commands {
  readonly enroll: readonly string[];
  readonly unenroll: readonly string[];
  readonly reconcile: readonly string[];
  readonly interrupted: readonly string[];
}

function commandsFor(pin: string, { command, vault }: Scenario): Commands {
  const trust = ["--address", ADDRESS, "--fingerprint", pin, "--vault", vault, "--replace", "--no-verify"];
  const enroll = ["enroll", "devregistry", ...trust, "--username", "xl", "--password-stdin"];
  const unenroll = ["unenroll", "devregistry"];
  const password = [
    "enroll",
    "devregistry",
    "--fingerprint",
    pin,
    "--username",
    "other",
    "--password-stdin",
    "--no-verify",
  ];
  const interrupted = { enroll, unenroll, password }[command];
  return { enroll, unenroll, reconcile: ["reconcile"], interrupted };
}

interface Bases {
  readonly before: Tree;
  readonly enrolled: Tree;
  /** After the interrupted command, had nobody interrupted it. */
  readonly after: Tree;
}

/** The trees that a run may lead to, made by runs that nobody interrupts. */
async function makeBases(commands: Commands, scenario: Scenario): Promise<Bases> {
  const before = join(scratch, "before");
  makeTree(before);
  const enrolled = join(scratch, "enrolled");
  copyTree(before, enrolled, scenario.bindHosts);
  await mustRun(commands.enroll, enrolled, scenario);
  const after = join(scratch, "after");
  const start = scenario.command === "enroll" ? before : enrolled;
  copyTree(start, after, scenario.bindHosts);
  await mustRun(commands.interrupted, after, scenario);
  return { before: readTree(before), enrolled: readTree(enrolled), after: readTree(after) };
}

/** What a person may do next, and how the host may be then. */
function waysOn(commands: Commands, { before, enrolled, after }: Bases, { command }: Scenario): readonly WayOn[] {
  const enroll = { argv: commands.enroll, right: [[0, enrolled]] } as const;
  if (command === "password") {
    const reconcile = [[0, enrolled], [0, after]] as const; // prettier-ignore
    return [enroll, { argv: commands.unenroll, right: [[0, before]] }, { argv: commands.reconcile, right: reconcile }];
  }
  // unenroll: 2 where the interrupted run was undone, or had finished
  const unenroll = { argv: commands.unenroll, right: [[0, before], [2, before]] } as const; // prettier-ignore
  const reconcile = { argv: commands.reconcile, right: [[0, before], [0, enrolled]] } as const; // prettier-ignore
  return [enroll, unenroll, reconcile];
}

async function listCalls(
  start: string,
  argv: readonly string[],
  scenario: Scenario,
): Promise<readonly { call: string; canTear: boolean }[]> {
  const root = join(scratch, "count");
  copyTree(start, root, scenario.bindHosts);
  const calls: { call: string; canTear: boolean }[] = [];
  await runAnnounced(argv, setupFor(argv, root, scenario), async (call, tear) => {
    calls.push({ call, canTear: tear !== undefined });
  });
  return calls;
}

async function mustRun(argv: readonly string[], root: string, scenario: Scenario): Promise<void> {
  const printed = { text: "" };
  const exit = await runQuietly(argv, root, scenario, printed);
  if (exit !== 0) throw new Error(`${argv.join(" ")} ended with ${exit}:\n${printed.text}`);
}

function runQuietly(argv: readonly string[], root: string, scenario: Scenario, printed: Printed): Promise<number> {
  return runAnnounced(argv, setupFor(argv, root, scenario), async () => undefined, printed);
}

function setupFor(argv: readonly string[], root: string, { vault }: Scenario): CrashSetup {
  return { root, stdin: argv.includes("other") ? users.other : users.xl, vault };
}

/** True when the command was killed, false when it came to its end before that. */
async function kill(
  argv: readonly string[],
  root: string,
  { at, torn }: Pick<KillPoint, "at" | "torn">,
  scenario: Scenario,
): Promise<boolean> {
  const point = { ...setupFor(argv, root, scenario), at, torn } satisfies KillPoint;
  const child = spawn(process.execPath, [work, JSON.stringify(point), ...argv], { stdio: "inherit" });
  const [, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal === "SIGKILL";
}
