import { createHash } from "node:crypto";
import * as z from "zod";
import type { Attributes } from "../host/ports.ts";
import type { FileImage } from "../change.ts";

/**
 * How a file was before regclient first touched it, kept as the difference to what regclient left. So no copy of
 * somebody's file, with whatever secrets it holds, lies in a second place; and while nobody else has changed the file,
 * its old bytes come back exactly.
 */
export const originSchema = z.strictObject({
  path: z.string(),
  /** Absent: the file was not there. */
  before: z.strictObject({ mode: z.number(), uid: z.number(), gid: z.number() }).optional(),
  /** SHA-256 of the bytes that regclient left. */
  after: z.string(),
  /** Turns those bytes back: at `offset`, `inserted` bytes are replaced by `removed` (base64). */
  patch: z.strictObject({ offset: z.number(), inserted: z.number(), removed: z.string() }),
});
/** How one file was before regclient, as it is kept in the records. */
export type Origin = z.infer<typeof originSchema>;

/** Records what `before` was, now that `after` takes its place. */
export function recordOrigin(path: string, before: FileImage | undefined, after: Uint8Array): Origin {
  return {
    path,
    ...(before && { before: attributesOf(before) }),
    after: digestOf(after),
    patch: patchBetween(before?.bytes ?? new Uint8Array(), after),
  };
}

/** True while the file still has the bytes that regclient left. */
export function isAsLeft(origin: Origin, current: FileImage | undefined): boolean {
  return current !== undefined && digestOf(current.bytes) === origin.after;
}

/** The file as it was before regclient; `current` must be as left. */
export function revertToOrigin(origin: Origin, current: FileImage): FileImage | undefined {
  if (origin.before === undefined) return undefined;
  const { offset, inserted, removed } = origin.patch;
  const parts = [
    current.bytes.slice(0, offset),
    Buffer.from(removed, "base64"),
    current.bytes.slice(offset + inserted),
  ];
  return { bytes: Buffer.concat(parts), ...origin.before };
}

/**
 * The origin of a file that somebody else has written to beside our own lines: those can only be taken out by what they
 * say, and a difference around them might hold somebody's secrets.
 */
export function forgetBytes(origin: Origin): Origin {
  return { ...origin, after: "", patch: { offset: 0, inserted: 0, removed: "" } };
}

/** The one region outside of which both are the same: where it begins, and what it is in each. */
export function differenceOf<T extends string | Uint8Array>(
  before: T,
  after: T,
): { readonly offset: number; readonly removed: T; readonly inserted: T } {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const regionOf = (whole: T): T => whole.slice(head, whole.length - tail) as T;
  return { offset: head, removed: regionOf(before), inserted: regionOf(after) };
}

function patchBetween(before: Uint8Array, after: Uint8Array): Origin["patch"] {
  const { offset, removed, inserted } = differenceOf(before, after);
  return { offset, inserted: inserted.length, removed: Buffer.from(removed).toString("base64") };
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function attributesOf(image: Attributes): Attributes {
  return { mode: image.mode, uid: image.uid, gid: image.gid };
}
