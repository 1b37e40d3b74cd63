/** How much a line matters, as syslog(3) counts it. */
export type LogLevel = "error" | "warning" | "notice" | "info";

/** The words and numbers of a line. Never a secret. */
export type LogFields = Readonly<Record<string, string | number>>;

/** Writes one line. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** Where lines go. */
export interface LogOptions {
  readonly write: (line: string) => void;
  /** journald reads the priority from the line's beginning and knows the time itself (sd-daemon(3)). */
  readonly journal: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const PRIORITY: Readonly<Record<LogLevel, number>> = { error: 3, warning: 4, notice: 5, info: 6 };
const MOST_CHARACTERS = 300;
// oxlint-disable-next-line no-control-regex -- control characters are the point; and those that turn text around
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A log of one line an event: the message, then key=value. */
export function createLog({ write, journal, now }: LogOptions): Log {
  return (level, message, fields = {}) => {
    const start = journal ? `<${PRIORITY[level]}>` : `${new Date(now()).toISOString()} ${level} `;
    const values = Object.entries(fields).map(([key, value]) => ` ${key}=${renderValue(value)}`);
    write(`${start}${escape(message)}${values.join("")}\n`);
  };
}

/** True when stderr, with this device and inode, is the journal that JOURNAL_STREAM names (systemd.exec(5)). */
export function isJournal(
  journalStream: string | undefined,
  stderr: { readonly dev: number; readonly ino: number },
): boolean {
  return journalStream === `${stderr.dev}:${stderr.ino}`;
}

/** The lines of a text, each with the priority that journald is to give it. */
export function withPriority(level: LogLevel, text: string): string {
  return text.replaceAll(/^(?=.)/gm, `<${PRIORITY[level]}>`);
}

function renderValue(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = escape(value);
  return /^[\w.:/@+,-]+$/.test(text) ? text : `"${text.replaceAll('"', String.raw`\"`)}"`;
}

function escape(text: string): string {
  const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return short
    .replaceAll("\\", String.raw`\\`)
    .replaceAll(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .toWellFormed();
}
