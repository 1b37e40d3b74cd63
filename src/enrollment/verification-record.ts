import * as z from "zod";
import { whileLocked } from "../apply/locked.ts";
import type { ReadFiles } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import { success, type Result } from "../result.ts";
import { commitPlan } from "./commit.ts";
import { draftFile, finishDraft, startDraft } from "./draft.ts";
import { observeHost, observeRecords } from "./observe.ts";
import type { Pass } from "./pass.ts";
import { verificationRecordPath } from "./record-paths.ts";
import { readJson } from "./state.ts";

const MAX_BYTES = 64 * 1024;

// not strict: what a later version adds does no harm here
const verificationRecordSchema = z.object({
  version: z.literal(1),
  registry: z.string(),
  /** When it ended, ISO 8601. */
  at: z.iso.datetime({ offset: true }),
  ok: z.boolean(),
  /** How far it went; `light` is push-pull without an image. */
  mode: z.enum(["login", "pull", "light", "push-pull"]),
  /** Of the finding that came first; none where all is well. */
  code: z.string().optional(),
  /** Milliseconds. */
  tookMs: z.number().nonnegative(),
});

/** How the last recorded verification of a registry went. Nothing in it is secret. */
export type VerificationRecord = z.infer<typeof verificationRecordSchema>;

/** The last recorded verification, undefined where there is none. A record that cannot be read is RC-CFG-002. */
export async function readVerificationRecord(
  files: ReadFiles,
  key: string,
): Promise<Result<VerificationRecord | undefined>> {
  const path = verificationRecordPath(key);
  return readJson(await files.readEntry(path, MAX_BYTES), path, verificationRecordSchema);
}

/**
 * Keeps the record in place of the last one. Waits for the lock as every change does; a registry that has been
 * unenrolled meanwhile gets none.
 */
export async function keepVerificationRecord(
  pass: Pass,
  name: RegistryName,
  record: VerificationRecord,
  lockTimeoutMs: number,
): Promise<Result<void>> {
  return whileLocked(pass, lockTimeoutMs, pass.watch, async () => {
    const { files, caller } = pass.host;
    const records = await observeRecords(files, name.key);
    if (!records.ok) return records;
    if (records.value.state === undefined) return success(undefined);
    const view = await observeHost({ files }, name, records.value, []);
    const draft = startDraft(view, records.value.shared, { uid: caller.uid, gid: caller.gid });
    const image = { bytes: renderRecord(record), mode: 0o644, ...draft.owner };
    draftFile(draft, verificationRecordPath(name.key), image, "records");
    const kept = await commitPlan(pass, `verify ${name.key}`, { changes: finishDraft(draft, []), notes: [] });
    return kept.ok ? success(undefined) : kept;
  });
}

function renderRecord({ version, registry, at, ok, mode, code, tookMs }: VerificationRecord): Uint8Array {
  const ordered = { version, registry, at, ok, mode, ...(code !== undefined && { code }), tookMs };
  return Buffer.from(`${JSON.stringify(ordered, undefined, 2)}\n`);
}
