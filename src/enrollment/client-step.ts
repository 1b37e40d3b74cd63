import { problem } from "../findings/problem.ts";
import { whyNoFile, type Host, type ReadFiles } from "../host/ports.ts";
import { readClientCertificate, readClientChain, type ClientCertificate } from "../registry/client-certificate.ts";
import { failure, success, type Result } from "../result.ts";
import type { Declaration } from "./declaration.ts";

const LARGEST = 1024 * 1024;

/** The declared client certificate, read and judged anew in each pass; undefined where none is declared. */
export async function readDeclaredClient(
  { files, clock }: Pick<Host, "files" | "clock">,
  declaration: Pick<Declaration, "trust"> | undefined,
): Promise<Result<ClientCertificate | undefined>> {
  const declared = declaration?.trust.clientCertificate;
  if (declared === undefined) return success(undefined);
  const { certFile, keyFile } = declared;
  const certificate = await readBytes(files, certFile);
  if (!certificate.ok) return certificate;
  const key = await readBytes(files, keyFile);
  if (!key.ok) return key;
  return readClientCertificate({ certFile, certificate: certificate.value, keyFile, key: key.value }, clock.now());
}

/** What the declared client certificate is; the key is not looked at. */
export interface InspectedClient {
  readonly certFile: string;
  /** Undefined where the file cannot be read, or is no certificate. */
  readonly subject: string | undefined;
  /** ISO 8601. */
  readonly notAfter: string | undefined;
}

/** The declared client certificate, for `status`; undefined where none is declared. */
export async function inspectClient(
  files: ReadFiles,
  declaration: Pick<Declaration, "trust"> | undefined,
): Promise<InspectedClient | undefined> {
  const certFile = declaration?.trust.clientCertificate?.certFile;
  if (certFile === undefined) return undefined;
  const certificate = await readBytes(files, certFile);
  const chain = certificate.ok ? readClientChain({ certFile, certificate: certificate.value }) : certificate;
  const leaf = chain.ok ? chain.value[0] : undefined;
  return { certFile, subject: leaf?.subject, notAfter: leaf && new Date(leaf.notAfter).toISOString() };
}

async function readBytes(files: ReadFiles, path: string): Promise<Result<Uint8Array>> {
  const entry = await files.readEntry(await files.resolveLinks(path), LARGEST);
  if (entry.kind === "file") return success(entry.bytes);
  const reason = whyNoFile(entry);
  return failure(problem("RC-CFG-006", { path, reason }, [`${path}: ${reason}`]));
}
