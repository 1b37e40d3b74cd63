import { randomBytes } from "node:crypto";
import { hash } from "bcryptjs";
import { done, misused, type Outcome } from "./fault.ts";

const COST = 10;
/** bcrypt reads no more than this; what is longer would be cut off silently. */
const LONGEST_PASSWORD = 72;

/** The text of an htpasswd file with the password of `user` set: added, or replaced in its place. */
export async function setPassword(text: string, user: string, password: string): Promise<Outcome<string>> {
  const bad = badUser(user) ?? badPassword(password);
  if (bad !== undefined) return misused(bad);
  // $2y$ is what Apache's htpasswd writes and every reader of the file knows; the hash is the same.
  const line = `${user}:${(await hash(password, COST)).replace(/^\$2[ab]\$/, "$2y$")}`;
  const lines = text.split("\n").filter((one) => one !== "");
  const at = lines.findIndex((one) => one.startsWith(`${user}:`));
  return done(`${(at < 0 ? [...lines, line] : lines.with(at, line)).join("\n")}\n`);
}

/** The logins in the text of an htpasswd file. */
export function listUsers(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => (line.includes(":") ? [line.slice(0, line.indexOf(":"))] : []));
}

/** A new password of 144 random bits that needs no quoting anywhere. */
export function generatePassword(): string {
  return randomBytes(18).toString("base64url");
}

function badUser(user: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(user)
    ? undefined
    : `not a user name: ${JSON.stringify(user)}: 1 to 64 letters, digits, or . _ @ - after the first`;
}

function badPassword(password: string): string | undefined {
  if (password === "") return "the password is empty";
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(password)) return "the password has a control character or is more than one line";
  if (Buffer.byteLength(password) > LONGEST_PASSWORD)
    return `the password is longer than ${LONGEST_PASSWORD} bytes, the most that bcrypt takes`;
  return undefined;
}
