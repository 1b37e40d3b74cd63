import { backgroundRows } from "./background-rows.ts";
import { catalogue, type FindingCode } from "./catalogue.ts";

/** What a client needs, from the ground up: each only helps where those before it hold. */
export const layers = [
  "configuration",
  "name",
  "route",
  "port",
  "TLS",
  "HTTP",
  "auth",
  "read",
  "write",
  "runtime",
  "credentials",
] as const;

/** Where on the way from a client to an image something fails. */
export type Layer = (typeof layers)[number];

/** What is known of a finding beside what is told when it happens; only read when somebody asks for it. */
export interface Background {
  readonly layer: Layer;
  /** What a report of it shows. */
  readonly evidence: string;
  /** The cause in general, where the entry tells it only with the facts of a case. */
  readonly cause?: string;
  /** Issues as `repository#number`, sections of RFCs and specifications. */
  readonly references: readonly string[];
}

const DEFAULTS: Readonly<Record<string, readonly [Layer, string]>> = {
  CFG: ["configuration", "the file, and where in it"],
  HST: ["configuration", "the step that failed, and what the system said"],
  LCK: ["configuration", "who holds the lock"],
  RUN: ["runtime", "the file or directory, and what stands there"],
  NAM: ["name", "the name as it was given"],
  ALI: ["name", "the line of the hosts file, or the answer of the resolver"],
  NET: ["port", "each address that was tried, with the system's error"],
  TLS: ["TLS", "what Go says, every certificate that was served, and what is trusted"],
  TRU: ["TLS", "the fingerprints that were wanted and that were seen"],
  HTP: ["HTTP", "the request, its status, and the first words of the answer"],
  AUT: ["auth", "the challenge or the answer that was given"],
  PSH: ["write", "the request, its status, and the errors that the registry gives"],
  ENG: ["runtime", "what the engine said"],
  CRD: ["credentials", "the file or the vault, and what it said"],
};

/** Background of a code. Rows say what differs from the rule for all codes with its letters. */
export function backgroundOf(code: FindingCode): Background {
  const [layer, evidence] = DEFAULTS[code.slice(3, 6)] ?? ["configuration", "what was seen"];
  return { layer, evidence, references: [], ...backgroundRows[code] };
}

/** The cause of a code in general: the entry's own, unless that is only told with the facts of a case. */
export function generalCause(code: FindingCode): string {
  const { cause } = catalogue[code];
  const isTold = cause.replaceAll(/\{\w+\}|\W/g, "") !== "";
  return backgroundOf(code).cause ?? (isTold ? withWords(cause) : "differs from case to case, and is told with it");
}

/** Reads a code as people write it: any case, with or without `RC-`. */
export function parseCode(text: string): FindingCode | undefined {
  const code = text.toUpperCase().replace(/^(?!RC-)/, "RC-");
  return Object.hasOwn(catalogue, code) ? (code as FindingCode) : undefined;
}

/** A template as it stands on a page: the word that will stand there, in capitals. */
export function withWords(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, word: string) =>
    word.replaceAll(/([a-z])([A-Z])/g, "$1-$2").toUpperCase(),
  );
}
