import { catalogue, type FindingCode } from "./catalogue.ts";
import type { FindingEntry } from "./finding-entry.ts";

/** Exit codes of the command line; a promise (docs/cli.md). */
export const exitCodes = {
  ok: 0,
  bug: 1,
  usage: 2,
  trust: 3,
  credentials: 4,
  unreachable: 5,
  smoke: 6,
  host: 7,
  locked: 8,
} as const;

/** One of the promised exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An expected failure, told as: what happened, why, what shows it, and what to do. */
export interface Problem {
  readonly code: FindingCode;
  readonly exit: ExitCode;
  readonly summary: string;
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly fix: readonly string[];
  /** The page on it, relative to the top of the package. */
  readonly documentation: string;
}

/** The words a catalogue entry's `{placeholders}` stand for. */
export type Facts = Readonly<Record<string, string>>;

/**
 * Makes the Problem for a catalogue code. `facts` fills the entry's placeholders (a missing one is a bug and throws);
 * `evidence` is what was seen: a file and line, an address, a server's answer. Never pass a secret.
 */
export function problem(code: FindingCode, facts: Facts = {}, evidence: readonly string[] = []): Problem {
  const entry: FindingEntry = catalogue[code];
  return {
    code,
    exit: exitCodes[entry.exit],
    summary: fill(entry.summary, facts),
    cause: fill(entry.cause, facts),
    evidence: evidence.map(printable),
    fix: entry.fix.map((line) => fill(line, facts)),
    documentation: `docs/findings/${code}.md`,
  };
}

function fill(template: string, facts: Facts): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
    const value = facts[key];
    if (value === undefined) throw new Error(`finding template lacks the fact ${key}: ${template}`);
    return printable(value);
  });
}

// oxlint-disable-next-line no-control-regex -- control characters are the point; and those that turn text around
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What a server or a file says must neither steer a terminal nor begin a line of its own. */
export function printable(text: string): string {
  return text
    .replaceAll(/[\t\r\n]+/g, " ")
    .replaceAll(UNPRINTABLE, "\uFFFD")
    .slice(0, 2000);
}

/** JSON that steers no terminal either: the same value, with what JSON.stringify leaves as it is written as `\u…`. */
export function escapeJson(json: string): string {
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return json.replaceAll(UNPRINTABLE, (character) => (character === "\n" ? character : escape(character)));
}

// what paints: bold, dim, five colours, and their ends; with the line ends, all that steers a terminal and is ours
// oxlint-disable-next-line no-control-regex -- control characters are the point
const OURS = /(\u001b\[(?:[012]|22|3[1259])m|\t|\r?\n)/;

/** A whole text on its way to a terminal: its lines and our colours stay, whatever else steers a terminal does not. */
export function printableText(text: string): string {
  const parts = text.split(OURS);
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(UNPRINTABLE, "\uFFFD"))).join("");
}
