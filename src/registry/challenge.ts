/** One way to log in that a server offers. Scheme and parameter names are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const LONGEST_HEADER = 16 * 1024;
const MOST_CHALLENGES = 16;
const MOST_PARAMETERS = 32;

/**
 * Reads the value of WWW-Authenticate, several header lines joined by commas (RFC 9110 section 11.6.1). Never throws:
 * reading ends at the first thing that is not in the grammar, or at a bound, and what was read before it is given back.
 */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const scanner = scan((header ?? "").slice(0, LONGEST_HEADER));
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (;;) {
    scanner.take(SEPARATORS);
    const name = scanner.take(TOKEN)?.toLowerCase();
    if (name === undefined) return challenges;
    const current = challenges.at(-1);
    if (scanner.take(EQUALS) === undefined) {
      if (challenges.length === MOST_CHALLENGES) return challenges;
      // read past: only schemes that regclient does not speak have one
      scanner.take(TOKEN68);
      challenges.push({ scheme: name, parameters: new Map() });
      continue;
    }
    const value = readValue(scanner);
    if (current === undefined || value === undefined) return challenges;
    // RFC 9110 section 11.2: a name occurs once in a challenge; a second one must not replace the first
    if (current.parameters.size < MOST_PARAMETERS && !current.parameters.has(name)) current.parameters.set(name, value);
  }
}

const SEPARATORS = /[ \t,]+/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const TOKEN68 = /[ \t]+[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/sy;
// more than a token, as servers write realm=https://host/path without quotes
const BARE = /[^\s,"]+/y;

interface Scanner {
  /** What `pattern` (sticky) matches here, and moves past it. */
  take(pattern: RegExp): string | undefined;
}

function scan(text: string): Scanner {
  let position = 0;
  return {
    take: (pattern) => {
      pattern.lastIndex = position;
      const found = pattern.exec(text)?.[0];
      position += found?.length ?? 0;
      return found;
    },
  };
}

function readValue(scanner: Scanner): string | undefined {
  const quoted = scanner.take(QUOTED);
  if (quoted !== undefined) return quoted.slice(1, -1).replaceAll(/\\(.)/gs, "$1");
  return scanner.take(BARE);
}
