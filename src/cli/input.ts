import { resolve } from "node:path";
import { secret, type Secret } from "../credentials/secret.ts";
import { readCaFile } from "../enrollment/supplied.ts";
import { parseToken, type EnrolmentToken } from "../enrollment/enrolment-token.ts";
import { problem } from "../findings/problem.ts";
import { createReadFiles } from "../host/node-files.ts";
import { whyNoFile, type Terminal } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import { failure, success, type Result } from "../result.ts";
import type { SuppliedCertificates } from "../trust/first-contact.ts";

const LONGEST_PASSWORD = 64 * 1024;

/** The certificates in a file named on the command line: a path of the person who types it, also with --root. */
export async function readSuppliedFile(path: string): Promise<Result<SuppliedCertificates>> {
  return readCaFile(createReadFiles("/"), resolve(path));
}

/** A password from stdin, without the line end that `echo` adds. */
export async function readPasswordInput(terminal: Terminal): Promise<Result<Secret>> {
  const bytes = await terminal.readInput(LONGEST_PASSWORD);
  if (bytes === undefined) return refuse("it is longer than 64 KiB");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse("it is not valid UTF-8");
  }
  const password = text.replace(/\r?\n$/, "");
  if (password === "") return refuse("it is empty");
  // RFC 7617 section 2: control characters cannot be sent
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(password)) return refuse("it has a line break or another control character inside");
  return success(secret(password));
}

const LONGEST_TOKEN = 16 * 1024;

/** The enrollment token in a file named on the command line, which must be one for this registry. */
export async function readTokenFile(path: string, name: RegistryName, now: number): Promise<Result<EnrolmentToken>> {
  const entry = await createReadFiles("/").readEntry(resolve(path), LONGEST_TOKEN);
  if (entry.kind !== "file") return failure(problem("RC-CFG-006", { path, reason: whyNoFile(entry) }, [path]));
  const token = parseToken(Buffer.from(entry.bytes).toString("latin1"), now);
  if (!token.ok || token.value.registry === name.key) return token;
  return failure(problem("RC-CFG-020", { reason: `it is for the registry ${token.value.registry}` }));
}

function refuse(reason: string): Result<Secret> {
  return failure(problem("RC-CRD-006", { reason }));
}
