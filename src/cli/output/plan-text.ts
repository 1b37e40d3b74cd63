import { createTwoFilesPatch } from "diff";
import type { Change, FileChange } from "../../enrollment/change.ts";
import type { Painter } from "./paint.ts";

// a value that may be a password or token, as Docker keeps them in config.json, its HttpHeaders too
const SECRET_VALUE = /("[\w-]*(?:auth|token|password|secret|cookie|key)[\w-]*"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;

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
    case "file":
      return change.internal ? [] : [fileText(change, paint)];
  }
}

function fileText(change: FileChange, paint: Painter): string {
  const before = textOf(change.before?.bytes);
  const after = textOf(change.after?.bytes);
  const from = change.before === undefined ? "/dev/null" : change.path;
  const to = change.after === undefined ? "/dev/null" : change.path;
  // no lines of context: what stands next to ours in somebody's file may be a secret
  const patch = createTwoFilesPatch(from, to, before, after, "", change.purpose, { context: 0 });
  const lines = patch.trimEnd().split("\n");
  const begin = lines.findIndex((line) => line.startsWith("--- "));
  return lines
    .slice(begin)
    .map((line) => paintLine(line, paint))
    .join("\n");
}

function paintLine(line: string, paint: Painter): string {
  if (line.startsWith("+")) return paint.green(line);
  if (line.startsWith("-")) return paint.red(line);
  return line.startsWith("@@") ? paint.dim(line) : line;
}

function textOf(bytes: Uint8Array | undefined): string {
  const text = bytes === undefined ? "" : Buffer.from(bytes).toString("utf8");
  return text.replaceAll(SECRET_VALUE, '$1"[redacted]"');
}
