import { fstatSync } from "node:fs";
import { resolve } from "node:path";
import { findPassedSocket } from "../../daemon/activation.ts";
import { createCredentialPart, defaultOwner, type CredentialPartOptions } from "../../daemon/credential-part.ts";
import { createLog, isJournal, type Log } from "../../daemon/log.ts";
import { createLookup } from "../../daemon/lookup.ts";
import { createPassLog } from "../../daemon/pass-log.ts";
import { createReconcilePart } from "../../daemon/reconcile-part.ts";
import { runDaemon, type DaemonWorld } from "../../daemon/run-daemon.ts";
import { declarationPath, parseDeclaration } from "../../enrollment/declaration.ts";
import { exitCodes, problem } from "../../findings/problem.ts";
import { loadNative, type Native } from "../../host/native.ts";
import type { Host, ReadFiles } from "../../host/ports.ts";
import type { RegistryName } from "../../registry/name.ts";
import { failure, success, type Result } from "../../result.ts";
import type { Invocation, Outcome } from "../command.ts";
import { failed } from "../outcome.ts";
import type { DaemonArguments } from "./daemon.ts";
import { prepareMetrics } from "./daemon-metrics.ts";

/** `regclient daemon`: runs until it is told to stop. */
export async function runDaemonCommand(args: DaemonArguments, { pass, version }: Invocation): Promise<Outcome> {
  const { host } = pass;
  if (args.probe) return (await import("./daemon-probe.ts")).probeDaemon(args.socket, host);
  const native = await loadNative();
  if (!native.ok) return failed(native.problem);
  const socket = await chooseSocket(args.socket, host);
  if (!socket.ok) return failed(socket.problem);
  const log = createHostLog(host);
  const metrics = await prepareMetrics(args, host, log, version);
  if (!metrics.ok) return failed(metrics.problem);
  const lookup = createLookup({ ...pass, allowedGroups: async (name) => allowedGroups(name, host.files) });
  const credentials = createCredentialPart({
    socket: socket.value,
    native: native.value,
    lookup,
    log,
    ownPid: process.pid,
    onAsked: (outcome) => metrics.value.countAsked(outcome),
  });
  const tellLog = createPassLog(log, () => host.clock.now());
  const reconcile = createReconcilePart({
    pass,
    log,
    random: Math.random,
    onPass: (report) => {
      tellLog(report);
      metrics.value.observe(report);
    },
  });
  const { clock, signal } = host;
  const world = { clock, signal, log, ...hangUps(), ...supervisor(host, native.value) };
  const ended = await runDaemon([credentials, ...metrics.value.parts, reconcile], world);
  return ended.ok ? { exit: exitCodes.ok, text: "", json: {} } : failed(ended.problem);
}

async function chooseSocket(
  path: string | undefined,
  { files, caller }: Host,
): Promise<Result<CredentialPartOptions["socket"]>> {
  if (path !== undefined)
    return success({ path: files.realPath(resolve(path)), owner: await defaultOwner(files, caller) });
  const passed = findPassedSocket(caller.environment, process.pid);
  if (!passed.ok) return passed;
  if (passed.value !== undefined) return success({ fd: passed.value });
  return failure(problem("RC-CRD-021", { reason: "systemd passed none, and --socket was not given" }));
}

/** Who may have a login is the declaration's to say; where there is none any more, root alone. */
async function allowedGroups({ key }: RegistryName, files: ReadFiles): Promise<Result<readonly string[]>> {
  const path = declarationPath(key);
  const entry = await files.readEntry(path);
  if (entry.kind === "absent") return success([]);
  if (entry.kind !== "file") return failure(problem("RC-CFG-006", { path, reason: `it is a ${entry.kind}` }));
  const declared = parseDeclaration(Buffer.from(entry.bytes).toString("utf8"), path);
  return declared.ok ? success(declared.value.declaration.credentials.groups) : declared;
}

function createHostLog({ terminal, caller, clock }: Host): Log {
  const journal = isJournal(caller.environment["JOURNAL_STREAM"], fstatSync(2));
  return createLog({ write: (line) => terminal.writeErr(line), journal, now: () => clock.now() });
}

/** SIGHUP, which systemctl reload sends: without a listener it would end the process. */
function hangUps(): Pick<DaemonWorld, "onReload" | "monotonicUsec"> {
  return {
    // never taken off: while the daemon stops it must not end the process either
    onReload: (listener) => void process.on("SIGHUP", listener),
    // Linux counts it by CLOCK_MONOTONIC
    monotonicUsec: () => process.hrtime.bigint() / 1000n,
  };
}

/** What systemd asked for by the environment: sd_notify(3), sd_watchdog_enabled(3). */
function supervisor(
  { caller: { environment } }: Host,
  native: Native,
): { readonly notify: (message: string) => void; readonly watchdogUsec: number | undefined } {
  const path = environment["NOTIFY_SOCKET"];
  const watchdogUsec = Number(environment["WATCHDOG_USEC"]);
  const watched = watchdogUsec > 0 && (environment["WATCHDOG_PID"] ?? String(process.pid)) === String(process.pid);
  return {
    notify: (message) => void (path !== undefined && native.notifySystemd(path, message)),
    watchdogUsec: watched ? watchdogUsec : undefined,
  };
}
