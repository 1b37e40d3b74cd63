/** The most that is read of what somebody pastes, in bytes. */
export const MOST_BYTES = 64 * 1024;

const LONGEST_LINE = 4096;
// oxlint-disable-next-line no-control-regex -- terminal sequences are the point: CSI, OSC, and the two-letter ones
const SEQUENCES = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-_]/g;
// oxlint-disable-next-line no-control-regex -- so are the rest, and what turns text around
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The lines of a pasted text, without what steers a terminal; overwritten progress lines count each. */
export function readLines(bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(bytes).replaceAll(SEQUENCES, "").replaceAll("\r", "\n");
  const lines = text.split("\n").map((line) => line.replaceAll(CONTROLS, " ").trim().slice(0, LONGEST_LINE));
  return lines.filter((line) => line !== "");
}

const HIDDEN = "[redacted]";
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/((?:set-)?cookie["']?\s*[:=]\s*).*/gi, `$1${HIDDEN}`],
  [
    /((?:proxy-|x-registry-)?auth(?:orization|config)?["']?\s*[:=]\s*\[?["']?)(?:(?:basic|bearer|digest|negotiate)\s+)?[^\s"',\]}]+/gi,
    `$1${HIDDEN}`,
  ],
  [/\b([Bb]asic|BASIC|[Bb]earer|BEARER)\s+(?=[a-z-]*[A-Z0-9=+/_.~])(?!realm=)[A-Za-z0-9._~+/=-]{4,}/g, `$1 ${HIDDEN}`],
  [/\beyJ[\w+/=-]{8,}(?:\.[\w+/=-]*)*/g, HIDDEN],
  [/(:\/\/)[^\s/@"']+@/g, `$1${HIDDEN}@`],
  [/(:\/\/)[^\s/:@"']+:[^\s@"']+@(?!sha\d+:)/g, `$1${HIDDEN}@`],
  [/(^|[\s"'=([])[^\s/:@"'=([]+:[^\s/@"']+@(?!sha\d+:)(?=[\w[])/g, `$1${HIDDEN}@`],
  [
    /\b((?:[\w-]*(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|signature|credential)|_state|sig|pwd)["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi,
    `$1${HIDDEN}`,
  ],
  [
    /(\s(?:-p|--password|-u|--user|--username|--(?:src-|dest-)?creds|--(?:src-|dest-)?registry-token)(?:=|\s+))\S+/g,
    `$1${HIDDEN}`,
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g, HIDDEN],
  // a line of base64 and nothing else is part of a key or a file that was pasted along
  [/^[A-Za-z0-9+/=_-]{40,}$/g, HIDDEN],
];

/** A line with everything hidden that may be a secret: what follows `Authorization`, logins in URLs, tokens, passwords. */
export function withoutSecrets(line: string): string {
  return SECRETS.reduce((rest, [pattern, shown]) => rest.replaceAll(pattern, shown), line);
}
