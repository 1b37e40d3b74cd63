import type { FindingCode } from "../findings/catalogue.ts";

/** What a program says, and what that is a sign of. */
export interface MessageRow {
  /** Tried on each line. Named groups are what to fill into `confirm`: host, name, file, helper, image. */
  readonly pattern: RegExp;
  readonly code: FindingCode;
  /** 90 and more: says just that; 60: mostly; below: one of several causes. */
  readonly weight: number;
  /** A command that shows whether it is so; `regclient doctor` unless said. */
  readonly confirm?: string;
}
