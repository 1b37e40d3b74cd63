import { posix } from "node:path";
import type { Secret } from "./credentials/secret.ts";
import type { Attributes } from "./host/ports.ts";
import type { ProgramId } from "./runtimes/programs.ts";

/** A whole file: its bytes and who may do what with them. */
export interface FileImage extends Attributes {
  readonly bytes: Uint8Array;
}

/** One file as it is and as it is to be; `undefined` is "not there". */
export interface FileChange {
  readonly kind: "file";
  readonly path: string;
  readonly before: FileImage | undefined;
  readonly after: FileImage | undefined;
  /** What the change is for, in a few words: shown to people. */
  readonly purpose: string;
  /** regclient's own records: counted, not shown line by line. */
  readonly internal: boolean;
}

/** A directory to be made or, when it is empty by then, removed. */
export interface DirectoryChange extends Attributes {
  readonly kind: "make-directory" | "remove-directory";
  readonly path: string;
  readonly internal: boolean;
}

/** A secret put into the keychain before the files that point to it. */
export interface StoreSecret {
  readonly kind: "store-secret";
  readonly item: string;
  readonly secret: Secret;
}

/** A keychain item dropped once nothing points to it any more. */
export interface DiscardSecret {
  readonly kind: "discard-secret";
  readonly item: string;
}

/** A program of the host that reads what was written; once more when it is undone. */
export interface RunProgram {
  readonly kind: "run-program";
  readonly program: ProgramId;
}

/** One step from the host as it is to the host as it is declared. */
export type Change = FileChange | DirectoryChange | StoreSecret | DiscardSecret | RunProgram;

/** True when both are the same file, bytes, mode and owner. */
export function sameImage(one: FileImage | undefined, other: FileImage | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const sameOwner = one.uid === other.uid && one.gid === other.gid;
  return one.mode === other.mode && sameOwner && Buffer.compare(one.bytes, other.bytes) === 0;
}

/** The directories above a path, nearest first, without the root. */
export function ancestorsOf(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === "/" || parent === path ? [] : [parent, ...ancestorsOf(parent)];
}
