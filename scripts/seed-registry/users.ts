import { done, type Outcome } from "./fault.ts";
import { readIfPresent, writeFileAtomically } from "./files.ts";
import { generatePassword, listUsers, setPassword } from "./htpasswd.ts";
import { openInstance } from "./instance.ts";
import { report, type Context, type Report } from "./report.ts";

/** Where a password comes from. Never the command line: other users of the host can read that. */
export type PasswordSource = "stdin" | "generated";

/** Adds `user`, or gives it a new password. It holds from the next request on: nginx reads the file each time. */
export async function addUser(
  data: string,
  user: string,
  source: PasswordSource,
  context: Context,
): Promise<Outcome<Report>> {
  const instance = openInstance(data);
  if (!instance.ok) return instance;
  const { layout, engine } = instance.value;
  const password = source === "stdin" ? stripLineEnd(await context.readStdin()) : generatePassword();
  const before = readIfPresent(layout.htpasswd) ?? "";
  const changed = await setPassword(before, user, password);
  if (!changed.ok) return changed;
  writeFileAtomically(layout.htpasswd, changed.value, engine.htpasswdAccess);
  const verb = listUsers(before).includes(user) ? "has a new password" : "may log in now";
  const shown = source === "generated" ? [`password, shown only this once: ${password}`] : [];
  return done(report(`${user} ${verb}`, ...shown));
}

function stripLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}
