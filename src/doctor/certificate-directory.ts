import { problem, type Problem } from "../findings/problem.ts";
import type { ReadFiles } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import { whyHalfPair } from "../runtimes/certificate-directory.ts";
import type { Certificate } from "../trust/certificate.ts";
import { loadLikeGo } from "../trust/go-pool.ts";
import { failed, ok, type Verdict } from "./report.ts";

const CERTIFICATES = "/etc/docker/certs.d";

/** Docker's directories for a registry, as its loader reads them: whole, and not at all if one file is wrong. */
export async function examineDirectories(files: ReadFiles, name: RegistryName): Promise<readonly Verdict[]> {
  const found = await Promise.all(
    name.aliases.map((alias) => examineDirectory(files, name, `${CERTIFICATES}/${alias}`)),
  );
  const problems = found.flatMap((each) => each.problems);
  if (problems.length > 0) return problems.flatMap(failed);
  const count = found.reduce((sum, each) => sum + each.certificates.length, 0);
  return ok(count === 0 ? "none: the system's CAs count" : `${count} certificates`);
}

/** The directory of another spelling of the registry whose certificates satisfy `fits`. */
export async function findMisplaced(
  files: ReadFiles,
  name: RegistryName,
  fits: (certificates: readonly Certificate[]) => boolean,
): Promise<Problem | undefined> {
  const directory = `${CERTIFICATES}/${name.referencePrefix}`;
  const listing = await files.readEntry(CERTIFICATES);
  const spellings = listing.kind === "directory" ? listing.names.filter((each) => isSpelling(each, name)) : [];
  for (const each of spellings) {
    const found = `${CERTIFICATES}/${each}`;
    const { certificates } = await examineDirectory(files, name, found);
    if (found === directory || certificates.length === 0 || !fits(certificates)) continue;
    return problem("RC-CFG-032", { authority: name.authority, found, directory }, [
      `${found}: a CA that fits`,
      `${directory}: none`,
    ]);
  }
  return undefined;
}

/** Any port, any case, and the form in which a colon is an underscore. */
function isSpelling(directory: string, { host }: RegistryName): boolean {
  return (
    directory
      .toLowerCase()
      .replace(/_(\d+)_$/, ":$1")
      .replace(/:\d+$/, "") === host
  );
}

interface Examined {
  readonly certificates: readonly Certificate[];
  readonly problems: readonly Problem[];
}

async function examineDirectory(files: ReadFiles, name: RegistryName, directory: string): Promise<Examined> {
  const listing = await files.readEntry(await files.resolveLinks(directory));
  const names = listing.kind === "directory" ? listing.names : [];
  const certificates: Certificate[] = [];
  const problems: Problem[] = [];
  for (const each of names) {
    const path = `${directory}/${each}`;
    const reason =
      findFatal(each, names) ?? (each.endsWith(".crt") ? await readCertificates(files, path, certificates) : undefined);
    if (reason === undefined) continue;
    const code = reason.fatal ? "RC-CFG-030" : "RC-CFG-031";
    problems.push(
      problem(code, { authority: name.authority, path, directory, reason: reason.text }, [`${path}: ${reason.text}`]),
    );
  }
  if (certificates.length === 0 && problems.length === 0)
    problems.push(...(await findMisnamed(files, directory, names)));
  return { certificates, problems };
}

interface Reason {
  readonly fatal: boolean;
  readonly text: string;
}

function findFatal(file: string, names: readonly string[]): Reason | undefined {
  const text = whyHalfPair(file, names);
  return text === undefined ? undefined : { fatal: true, text };
}

async function readCertificates(
  files: ReadFiles,
  path: string,
  certificates: Certificate[],
): Promise<Reason | undefined> {
  const entry = await files.readEntry(await files.resolveLinks(path));
  if (entry.kind === "directory") return { fatal: true, text: "it is a directory" };
  if (entry.kind === "absent") return { fatal: true, text: "it is a symbolic link that leads nowhere" };
  if (entry.kind !== "file") return undefined;
  const loaded = loadLikeGo(entry.bytes);
  certificates.push(...loaded);
  return loaded.length > 0 ? undefined : { fatal: false, text: whatItHolds(entry.bytes) };
}

/** Certificates under a name that Docker does not read; told only where nothing else is there to be read. */
async function findMisnamed(
  files: ReadFiles,
  directory: string,
  names: readonly string[],
): Promise<readonly Problem[]> {
  const misnamed = names.filter((each) => /\.(?:pem|cer|der|crt)$/i.test(each) && !each.endsWith(".crt"));
  const found: Problem[] = [];
  for (const each of misnamed) {
    const path = `${directory}/${each}`;
    const entry = await files.readEntry(await files.resolveLinks(path));
    if (entry.kind !== "file") continue;
    found.push(problem("RC-CFG-031", { path, reason: "only names that end in .crt, in lower case, are read" }, [path]));
  }
  return found;
}

function whatItHolds(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  if (text.trim() === "") return "it is empty";
  if (bytes[0] === 0x30) return "it is in DER, and must be PEM";
  if (/^\u00ef\u00bb\u00bf|^\u00ff\u00fe/.test(text)) return "it begins with a byte order mark";
  if (text.includes("BEGIN PKCS7")) return "it is a PKCS#7 bundle";
  return text.includes("BEGIN TRUSTED CERTIFICATE")
    ? "it is in OpenSSL's own format (TRUSTED CERTIFICATE)"
    : "it holds no certificate in PEM";
}
