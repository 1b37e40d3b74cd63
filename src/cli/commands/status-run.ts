import { inspectClient, type InspectedClient } from "../../enrollment/client-step.ts";
import { readEnrolled, sourcesOf } from "../../enrollment/enrolled.ts";
import { inspectFiles, inspectLogin, type InspectedFile, type InspectedLogin } from "../../enrollment/inspect.ts";
import { inspectRuntimes, type InspectedRuntime } from "../../enrollment/inspect-runtimes.ts";
import { readVerificationRecord, type VerificationRecord } from "../../enrollment/verification-record.ts";
import { listDeclared, listEnrolled } from "../../enrollment/observe.ts";
import { exitCodes, printable, type Problem } from "../../findings/problem.ts";
import { parseRegistryName } from "../../registry/name.ts";
import { success, type Result } from "../../result.ts";
import type { Invocation, Outcome } from "../command.ts";
import type { Painter } from "../output/paint.ts";
import { showDay, showTime } from "../output/show-time.ts";
import { trustLines, viewTrust, type TrustView } from "../output/trust-text.ts";
import type { StatusArguments } from "./status.ts";

/** A registry's status, as scripts get it. */
interface Status extends TrustView {
  readonly registry: string;
  readonly reference: string;
  readonly enrolledAt: string;
  readonly login: { readonly username: string; readonly vault: string; readonly state: InspectedLogin } | undefined;
  readonly clientCertificate: InspectedClient | undefined;
  readonly files: readonly InspectedFile[];
  readonly runtimes: readonly InspectedRuntime[];
  /** The last one that was recorded. */
  readonly verification: Omit<VerificationRecord, "version" | "registry"> | undefined;
}

/** `regclient status`: reads records and files, asks no network. */
export async function runStatus(args: StatusArguments, invocation: Invocation): Promise<Outcome> {
  const look = async (): Promise<Outcome> => readStatus(args, invocation);
  if (!args.watch) return look();
  const { watchStatus } = await import("./status-watch.ts");
  return watchStatus(invocation, look);
}

async function readStatus(args: StatusArguments, { pass, paint }: Invocation): Promise<Outcome> {
  const { files } = pass.host;
  const enrolled = await listEnrolled(files);
  const statuses: Status[] = [];
  const problems: Problem[] = [];
  for (const text of args.names.length > 0 ? args.names : enrolled) {
    const status = await statusOf(text, pass);
    if (status.ok) statuses.push(status.value);
    else problems.push(status.problem);
  }
  const pending = (await listDeclared(files)).filter((key) => !enrolled.includes(key));
  const shown = statuses.map((status) => statusText(status, paint));
  const waiting = pending.map(
    (key) => `${paint.bold(printable(key))} is declared, and not enrolled yet: regclient enroll ${printable(key)}\n`,
  );
  const none =
    statuses.length + pending.length + problems.length === 0 ? ["no registry is enrolled on this host\n"] : [];
  const json = { registries: statuses, declaredOnly: pending };
  return { exit: problems[0]?.exit ?? exitCodes.ok, text: [...shown, ...waiting, ...none].join("\n"), json, problems };
}

async function statusOf(text: string, pass: Invocation["pass"]): Promise<Result<Status>> {
  const name = parseRegistryName(text);
  if (!name.ok) return name;
  const enrolled = await readEnrolled(pass, name.value);
  if (!enrolled.ok) return enrolled;
  const { state } = enrolled.value;
  const verification = await lastVerification(pass, name.value.key);
  const credential = state.credential;
  return success({
    registry: name.value.key,
    reference: name.value.referencePrefix,
    enrolledAt: state.enrolledAt,
    ...viewTrust(state, sourcesOf(enrolled.value)),
    login: credential && {
      username: credential.username,
      vault: credential.vault,
      state: await inspectLogin(pass, credential),
    },
    clientCertificate: await inspectClient(pass.host.files, enrolled.value.declaration),
    files: await inspectFiles(pass.host.files, enrolled.value),
    runtimes: await inspectRuntimes(pass.host, enrolled.value),
    verification,
  });
}

function statusText(status: Status, paint: Painter): string {
  const marks = {
    "as written": paint.green("✓"),
    changed: paint.magenta("changed"),
    missing: paint.red("missing"),
    unreadable: paint.dim("cannot be read by you"),
  };
  return [
    `${paint.bold(status.registry)}, enrolled ${showDay(status.enrolledAt)}`,
    ...trustLines(status.registry, status, paint, false),
    `  login    ${loginText(status.login, paint)}`,
    ...clientLines(status.clientCertificate, paint),
    ...status.files.map((file) => `  file     ${printable(file.path)} ${marks[file.state]}`),
    ...status.runtimes.flatMap(runtimeLines),
    ...verifiedLines(status.verification, paint),
    `  use      docker pull ${status.reference}/IMAGE`,
    "",
  ].join("\n");
}

function runtimeLines({ id, version, sign, reads }: InspectedRuntime): readonly string[] {
  const is = version ?? (sign === undefined ? "not on this host" : "of unknown version");
  const paths = reads.map((path) => `           ${printable(path)}`);
  return [`  runtime  ${id} (${printable(is)}) reads${reads.length === 0 ? " nothing" : ""}`, ...paths];
}

function clientLines(client: Status["clientCertificate"], paint: Painter): readonly string[] {
  if (client === undefined) return [];
  const { certFile, subject, notAfter } = client;
  if (subject === undefined || notAfter === undefined)
    return [`  client   ${printable(certFile)} ${paint.red("is no certificate that can be read")}`];
  return [`  client   ${printable(subject)}, until ${showDay(notAfter)}, from ${printable(certFile)}`];
}

function loginText(login: Status["login"], paint: Painter): string {
  if (login === undefined) return "none";
  const state = {
    stored: "",
    missing: ` ${paint.red("missing")}`,
    unreadable: ` ${paint.dim("cannot be read by you")}`,
  };
  return `${printable(login.username)}, kept in: ${login.vault}${state[login.state]}`;
}

/** A damaged record is none: it tells of the past, and the next verification writes it anew. */
async function lastVerification({ host }: Invocation["pass"], key: string): Promise<Status["verification"]> {
  const read = await readVerificationRecord(host.files, key);
  if (!read.ok || read.value === undefined) return undefined;
  const { at, ok, mode, code, tookMs } = read.value;
  return { at, ok, mode, ...(code !== undefined && { code }), tookMs };
}

function verifiedLines(verification: Status["verification"], paint: Painter): readonly string[] {
  if (verification === undefined) return [];
  const { at, ok, mode, code = "", tookMs } = verification;
  const verdict = ok ? paint.green("✓") : paint.red(`failed ${printable(code)}`);
  return [`  verified ${showTime(at)} (${mode}, ${tookMs} ms) ${verdict}`];
}
