import { createTwoFilesPatch } from "diff";
import { withoutValues } from "../../credentials/docker-config.ts";
import type { Change, FileChange } from "../../change.ts";
import { CERTIFICATE_FILE, CLIENT_CERTIFICATE_FILE, CLIENT_KEY_FILE, HELPER_ENTRY } from "../../enrollment/draft.ts";
import { differenceOf } from "../../enrollment/origin.ts";
import { programs } from "../../runtimes/programs.ts";
import type { Painter } from "./paint.ts";

/** A plan as a diff that people can read; regclient's own records are counted, secrets never shown. */
export function planText(changes: readonly Change[], paint: Painter): string {
  const shown = changes.flatMap((change) => changeText(change, paint));
  const internal = changes.filter((change) => "internal" in change && change.internal).length;
  if (internal > 0) shown.push(paint.dim(`and ${internal} of regclient's own records below /var/lib/regclient`));
  return shown.length === 0 ? "" : `${shown.join("\n")}\n`;
}

function changeText(change: Change, paint: Painter): readonly string[] {
  switch (change.kind) {
    case "make-directory":
      return change.internal ? [] : [`${paint.green("+")} directory ${change.path}`];
    case "remove-directory":
      return change.internal ? [] : [`${paint.red("-")} directory ${change.path}`];
    case "store-secret":
      return [`${paint.green("+")} keychain item ${change.item}`];
    case "discard-secret":
      return [`${paint.red("-")} keychain item ${change.item}`];
    case "run-program":
      return [`${paint.green("!")} run ${programs[change.program].argv.join(" ")}`];
    case "file":
      return change.internal ? [] : fileText(change, paint);
  }
}

function fileText(change: FileChange, paint: Painter): readonly string[] {
  const lines = change.purpose === HELPER_ENTRY ? configLines(change) : diffLines(change);
  return lines.map((line) => paintLine(line, paint));
}

function diffLines(change: FileChange): readonly string[] {
  const shownOf = CERTIFICATE_FILES.has(change.purpose) ? certificatesIn : (text: string) => text;
  const [before, after] = [shownOf(textOf(change.before?.bytes)), shownOf(textOf(change.after?.bytes))];
  const { from, to } = namesOf(change);
  // no lines of context: what stands next to ours in somebody's file may be a secret
  const patch = createTwoFilesPatch(from, to, before, after, "", change.purpose, { context: 0 });
  const lines = patch.trimEnd().split("\n");
  return lines.slice(lines.findIndex((line) => line.startsWith("--- ")));
}

/** A Docker config may be one long line, with the logins of others in it: only what changes is shown, without values. */
function configLines(change: FileChange): readonly string[] {
  const [before, after] = [withoutValues(textOf(change.before?.bytes)), withoutValues(textOf(change.after?.bytes))];
  const { offset, removed, inserted } = differenceOf(before, after);
  const { from, to } = namesOf(change);
  const linesOf = (sign: string, text: string): readonly string[] =>
    text === ""
      ? []
      : text
          .replace(/\n$/, "")
          .split("\n")
          .map((line) => sign + line);
  const line = before.slice(0, offset).split("\n").length;
  const head = [`--- ${from}`, `+++ ${to}\t${change.purpose}`, `@@ line ${line}, without values @@`];
  return [...head, ...linesOf("-", removed), ...linesOf("+", inserted)];
}

// what an unenrolment removes has the purpose of its directory, whatever it is
const CERTIFICATE_FILES: ReadonlySet<string> = new Set([CERTIFICATE_FILE, CLIENT_CERTIFICATE_FILE, CLIENT_KEY_FILE]);

function namesOf({ path, before, after }: FileChange): { readonly from: string; readonly to: string } {
  return { from: before === undefined ? "/dev/null" : path, to: after === undefined ? "/dev/null" : path };
}

function paintLine(line: string, paint: Painter): string {
  if (line.startsWith("+")) return paint.green(line);
  if (line.startsWith("-")) return paint.red(line);
  return line.startsWith("@@") ? paint.dim(line) : line;
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : Buffer.from(bytes).toString("utf8");
}

const CERTIFICATE = /(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\r?\n?)/;

/** A ca.crt that somebody else wrote may hold anything: of that, only certificates are for all eyes. */
function certificatesIn(text: string): string {
  const parts = text.split(CERTIFICATE);
  return parts
    .map((part, index) => (index % 2 === 1 || part === "" ? part : "[not a certificate, not shown]\n"))
    .join("");
}
