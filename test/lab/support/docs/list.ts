import manifest from "../../../../package.json" with { type: "json" };
import {
  EXAMPLES,
  isGuide,
  listPages,
  readCommentCommands,
  readPageCommands,
  type DocumentedCommand,
} from "../../../documentation/commands.ts";
import { clientRows } from "./client-rows.ts";
import { hostRows } from "./host-rows.ts";
import { NOT_RUN } from "./left-out.ts";
import { GROUPS, type CommandRow, type Group } from "./row.ts";

export const rows: readonly CommandRow[] = [...clientRows, ...hostRows];

/** A command of a page, with its row. */
export interface Placed {
  readonly command: DocumentedCommand;
  /** Without its comment. */
  readonly text: string;
  readonly row: CommandRow;
}

export const NEWER = `${manifest.version}+next`;

/** Every command of the guides and of the comments of packaging. */
export function listCommands(): readonly DocumentedCommand[] {
  return [...listPages().filter(isGuide).flatMap(readPageCommands), ...EXAMPLES.flatMap(readCommentCommands)];
}

export function groupOf(page: string): Group | undefined {
  return (Object.keys(GROUPS) as readonly Group[]).find((group) => GROUPS[group].includes(page));
}

/** What a command is known by in the tables. */
export function textOf({ text }: DocumentedCommand): string {
  return text.replace(/\s+# .*$/s, "");
}

/** The commands of a group, page by page. */
export function listGroup(group: Group): readonly Placed[] {
  const pages = Object.values(GROUPS).flat();
  const mine = listCommands().flatMap((command): readonly Placed[] => {
    const text = textOf(command);
    const isThis = (row: { readonly page: string; readonly command: string }): boolean =>
      row.page === command.file && row.command === text;
    if (NOT_RUN.some(isThis)) return [];
    const row = rows.find(isThis) ?? { page: command.file, command: text };
    const isMine = row.group === undefined ? GROUPS[group].includes(command.file) : row.group === group;
    return isMine ? [{ command, text, row }] : [];
  });
  // what is brought from another page comes before the group's own
  const rank = ({ command, row }: Placed): number => (row.group === undefined ? pages.indexOf(command.file) : -1);
  return mine.toSorted((one, other) => rank(one) - rank(other));
}
