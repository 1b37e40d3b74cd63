/** What a command ends with: lines for stdout, and the exit code. */
export interface Report {
  readonly lines: readonly string[];
  readonly exit: number;
}

/** A report of something that went well. */
export function report(...lines: readonly string[]): Report {
  return { lines, exit: 0 };
}

/** What the commands get from the process they run in. */
export interface Context {
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** The whole of standard input, at most a few kilobytes. */
  readonly readStdin: () => Promise<string>;
  /** A line of progress, for a person. */
  readonly say: (line: string) => void;
}
