import { parseAnchors } from "../../enrollment/anchors.ts";
import { listDeclared, listEnrolled } from "../../enrollment/observe.ts";
import { registryRecordPath } from "../../enrollment/record-paths.ts";
import { readRegistryState } from "../../enrollment/state.ts";
import { readVerificationRecord, type VerificationRecord } from "../../enrollment/verification-record.ts";
import { catalogue, type FindingCode } from "../../findings/catalogue.ts";
import type { ReadFiles } from "../../host/ports.ts";
import { parseRegistryName } from "../../registry/name.ts";
import type { ExpiringCertificate } from "../pass-report.ts";

/** What regclient's record of a registry says of its certificates. */
export interface KnownTrust {
  readonly anchors: readonly ExpiringCertificate[];
  /** How many certificates wait for a person's word. */
  readonly pending: number;
}

/** What `regclient verify --record` wrote last. `at` is milliseconds since the epoch. */
export interface Verification {
  readonly ok: boolean;
  readonly mode: VerificationRecord["mode"];
  readonly code: FindingCode | "ok" | "unknown";
  readonly at: number;
  readonly tookMs: number;
}

/** Keys of the registries that are declared or enrolled: those that have metrics. Other files there are none. */
export async function listRegistries(files: ReadFiles): Promise<readonly string[]> {
  const keys = new Set([...(await listDeclared(files)), ...(await listEnrolled(files))]);
  return [...keys].filter(isKey).sort();
}

/** The record of an enrolled registry, as far as its certificates matter; undefined where it cannot be read. */
export async function readKnownTrust(files: ReadFiles, key: string): Promise<KnownTrust | undefined> {
  const path = registryRecordPath(key);
  const state = readRegistryState(await files.readEntry(path), path);
  if (!state.ok || state.value === undefined) return undefined;
  const anchors = parseAnchors(state.value.anchors).map(({ fingerprint, notAfter }) => ({ fingerprint, notAfter }));
  return { anchors, pending: state.value.pending?.length ?? 0 };
}

/** The last recorded verification of a registry; undefined where there is none, or the record is damaged. */
export async function readVerification(files: ReadFiles, key: string): Promise<Verification | undefined> {
  const read = await readVerificationRecord(files, key);
  if (!read.ok || read.value === undefined) return undefined;
  const { ok, mode, code, at, tookMs } = read.value;
  return { ok, mode, code: ok ? "ok" : knownCode(code), at: Date.parse(at), tookMs };
}

function isKey(key: string): boolean {
  const name = parseRegistryName(key);
  return name.ok && name.value.key === key;
}

/** Labels come from the catalogue alone, whatever a file says. */
function knownCode(code: string | undefined): FindingCode | "unknown" {
  return code !== undefined && Object.hasOwn(catalogue, code) ? (code as FindingCode) : "unknown";
}
