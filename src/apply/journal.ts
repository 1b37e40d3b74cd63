import { createHash } from "node:crypto";
import { posix } from "node:path";
import * as z from "zod";
import type { Change, FileImage } from "../change.ts";
import type { Entry } from "../host/ports.ts";
import { PROGRAM_IDS } from "../runtimes/programs.ts";

/** Where the write-ahead journal stands while a change is under way. */
export const journalPaths = {
  state: "/var/lib/regclient",
  directory: "/var/lib/regclient/journal",
  draft: "/var/lib/regclient/journal/intent.draft",
  intent: "/var/lib/regclient/journal/intent.json",
  committed: "/var/lib/regclient/journal/committed.json",
} as const;

const attributes = { mode: z.number(), uid: z.number(), gid: z.number() };
const imageSchema = z.object({ sha256: z.string(), ...attributes });
const stepSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("file"),
    path: z.string(),
    before: imageSchema.optional(),
    after: imageSchema.optional(),
    inPlace: z.boolean(),
  }),
  z.object({ kind: z.enum(["make-directory", "remove-directory"]), path: z.string(), ...attributes }),
  z.object({ kind: z.enum(["store-secret", "discard-secret"]), item: z.string() }),
  z.object({ kind: z.literal("run-program"), program: z.enum(PROGRAM_IDS) }),
]);
const intentSchema = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]+$/),
  command: z.string(),
  steps: z.array(stepSchema),
});

/** What a change will do, written down before it is done. It holds no file content and no secret. */
export type Intent = z.infer<typeof intentSchema>;
/** One step of an intent. */
export type IntentStep = Intent["steps"][number];
/** A step that writes, replaces or removes a file. */
export type FileStep = Extract<IntentStep, { kind: "file" }>;
type ImageMark = z.infer<typeof imageSchema>;

/** The intent for `changes`. */
export function intentFor(id: string, command: string, changes: readonly Change[]): Intent {
  return { version: 1, id, command, steps: changes.map(stepFor) };
}

/** Reads an intent back; undefined for anything that is not one. */
export function parseIntent(bytes: Uint8Array): Intent | undefined {
  try {
    const parsed = intentSchema.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes an intent is stored as. */
export function renderIntent(intent: Intent): Uint8Array {
  return Buffer.from(`${JSON.stringify(intent, undefined, 1)}\n`);
}

/** Names beside a file that hold its coming and its old bytes. No loader of certs.d reads these endings. */
export function besideNames(intent: Intent, index: number): { coming: string; old: string; copy: string } {
  const step = intent.steps[index];
  const path = step !== undefined && "path" in step ? step.path : "/";
  const stem = posix.join(posix.dirname(path), `.regclient-${intent.id}-${index}`);
  return { coming: `${stem}.new`, old: `${stem}.old`, copy: posix.join(journalPaths.directory, `before-${index}`) };
}

/** True when the entry is exactly the marked file; an absent mark matches an absent entry. */
export function matchesMark(entry: Entry, mark: ImageMark | undefined): boolean {
  if (mark === undefined) return entry.kind === "absent";
  if (entry.kind !== "file") return false;
  const sameAttributes = entry.mode === mark.mode && entry.uid === mark.uid && entry.gid === mark.gid;
  return sameAttributes && sha256(entry.bytes) === mark.sha256;
}

/** Lowercase hex SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function stepFor(change: Change): IntentStep {
  if (change.kind === "store-secret" || change.kind === "discard-secret") {
    return { kind: change.kind, item: change.item };
  }
  if (change.kind === "run-program") return { kind: change.kind, program: change.program };
  if (change.kind !== "file") {
    return { kind: change.kind, path: change.path, mode: change.mode, uid: change.uid, gid: change.gid };
  }
  const { before, after } = change;
  return {
    kind: "file",
    path: change.path,
    ...(before && { before: markOf(before) }),
    ...(after && { after: markOf(after) }),
    inPlace: false,
  };
}

function markOf(image: FileImage): ImageMark {
  return { sha256: sha256(image.bytes), mode: image.mode, uid: image.uid, gid: image.gid };
}
