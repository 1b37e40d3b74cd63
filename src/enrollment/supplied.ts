import { problem } from "../findings/problem.ts";
import { openMachineFiles } from "../host/machine-files.ts";
import type { Entry, ReadFiles } from "../host/ports.ts";
import { readBody } from "../registry/body.ts";
import { connectTrusting } from "../registry/connection.ts";
import { failure, success, type Result } from "../result.ts";
import { readCertificates } from "../trust/bundle.ts";
import type { SuppliedCertificates } from "../trust/first-contact.ts";
import { readSystemStore } from "../trust/system-store.ts";
import type { Declaration } from "./declaration.ts";
import type { EnrollRequest, Pass } from "./pass.ts";

const LARGEST_BUNDLE = 1024 * 1024;

/** Certificates out of band: what the command line names comes before what is declared. */
export async function readSupplied(
  pass: Pass,
  request: EnrollRequest,
  declaration: Declaration,
): Promise<Result<SuppliedCertificates | undefined>> {
  if (request.supplied !== undefined) return success(request.supplied);
  const { caFile, caUrl } = declaration.trust;
  const url = request.caUrl ?? caUrl;
  if (request.caUrl === undefined && caFile !== undefined) return readCaFile(pass.host.files, caFile);
  return url === undefined ? success(undefined) : fetchCaUrl(pass, url);
}

/** The certificates in a file of the host (or of this process, with `files` made for `/`). */
export async function readCaFile(files: ReadFiles, path: string): Promise<Result<SuppliedCertificates>> {
  const entry = await files.readEntry(await files.resolveLinks(path), LARGEST_BUNDLE);
  if (entry.kind !== "file") return failure(problem("RC-CFG-006", { path, reason: whyNotFile(entry) }, [path]));
  const read = readCertificates(entry.bytes, path);
  return read.ok ? success({ origin: path, reason: "ca-file", certificates: read.value }) : read;
}

function whyNotFile(entry: Entry): string {
  if (entry.kind === "unreadable") return entry.reason;
  return entry.kind === "absent" ? "there is no such file" : `it is a ${entry.kind}`;
}

/** The URL's own server must be one that the system's CAs vouch for: its certificate is the root of what follows. */
async function fetchCaUrl(pass: Pass, text: string): Promise<Result<SuppliedCertificates>> {
  const url = new URL(text);
  pass.watch.begin(`fetching ${url.href}`);
  const roots = await readSystemStore(openMachineFiles(pass.host.files));
  const http = connectTrusting(pass.host, undefined, roots);
  try {
    const response = await http.request({ method: "GET", url });
    if (!response.ok) return response;
    if (response.value.status !== 200) {
      const reason = `the server answered ${response.value.status}`;
      return failure(problem("RC-TRU-015", { url: url.href, reason }, [reason]));
    }
    const body = await readBody(response.value, LARGEST_BUNDLE);
    if (!body.ok) return body;
    const read = readCertificates(body.value, url.href);
    return read.ok ? success({ origin: url.href, reason: "ca-url", certificates: read.value }) : read;
  } finally {
    http.close();
  }
}
