import { catalogue, type FindingCode } from "../findings/catalogue.ts";
import { printable } from "../findings/problem.ts";
import { withoutSecrets } from "./clean.ts";
import type { MessageRow } from "./message-row.ts";
import { certificateRows } from "./rows/certificates.ts";
import { clientRows } from "./rows/clients.ts";
import { connectionRows } from "./rows/connections.ts";
import { destinationRows } from "./rows/destinations.ts";
import { registryRows } from "./rows/registries.ts";

/** What pasted lines are probably a sign of. */
export interface Guess {
  readonly code: FindingCode;
  readonly summary: string;
  readonly likelihood: "sure" | "likely" | "possible";
  /** The lines that say so, without secrets; at most three. */
  readonly seen: readonly string[];
  /** A command that shows whether it is so. */
  readonly confirm: string;
  readonly documentation: string;
}

interface Hit {
  readonly row: MessageRow;
  readonly line: string;
  readonly at: number;
}

const ROWS: readonly MessageRow[] = [
  ...certificateRows,
  ...connectionRows,
  ...registryRows,
  ...destinationRows,
  ...clientRows,
];
const MOST_GUESSES = 6;
const MOST_SEEN = 3;
const LONGEST_SEEN = 300;

/** The findings that lines of docker, podman, skopeo, containerd, kubelet, BuildKit or curl point to, likeliest first. */
export function guessFindings(lines: readonly string[]): readonly Guess[] {
  const hits = lines.flatMap((line, at) =>
    ROWS.filter(({ pattern }) => pattern.test(line)).map((row): Hit => ({ row, line, at })),
  );
  const byCode = Map.groupBy(hits, ({ row }) => row.code);
  return [...byCode]
    .map(([code, found]) => ({ code, found, best: bestOf(found) }))
    .toSorted((a, b) => b.best.row.weight - a.best.row.weight || a.best.at - b.best.at)
    .slice(0, MOST_GUESSES)
    .map(({ code, found, best }) => guess(code, found, best));
}

function bestOf(hits: readonly Hit[]): Hit {
  return hits.reduce((best, each) => (each.row.weight > best.row.weight ? each : best));
}

function guess(code: FindingCode, hits: readonly Hit[], best: Hit): Guess {
  const words = wordsIn(best);
  const shown = [...new Set(hits.map(({ line }) => withoutSecrets(line).slice(0, LONGEST_SEEN)))];
  return {
    code,
    summary: fill(catalogue[code].summary, words),
    likelihood: likelihoodOf(best.row.weight),
    seen: shown.slice(0, MOST_SEEN).map(printable),
    confirm: fill(best.row.confirm ?? "regclient doctor {name}", words),
    documentation: `docs/findings/${code}.md`,
  };
}

function likelihoodOf(weight: number): Guess["likelihood"] {
  if (weight >= 90) return "sure";
  return weight >= 60 ? "likely" : "possible";
}

const AUTHORITY = /^(?<host>[\w-]+(?:\.[\w-]+)*)(?::(?<port>\d{1,5}))?$/;
const PLACES = [
  /https?:\/\/(?:\[redacted\]@)?([\w.-]+(?::\d{1,5})?)/,
  /docker:\/\/([\w.-]+(?::\d{1,5})?)\//,
  /(?:registry|into|creds for|image|reference|repository) \\?[["]?\\?"?([\w-]+(?:\.[\w-]+)*(?::\d{1,5})|[\w-]+(?:\.[\w-]+)+)[\s/:"\\]/,
  /\b(?:to|for|lookup) ([\w-]+(?:\.[\w-]+)+(?::\d{1,5})?)\b/,
];

/** What to fill into commands, from the line as it may be shown: a secret can be no part of it. */
function wordsIn({ row, line }: Hit): Readonly<Record<string, string>> {
  const shown = withoutSecrets(line);
  const groups = Object.entries(row.pattern.exec(shown)?.groups ?? {}).filter(([, value]) => value !== undefined);
  const place = PLACES.map((pattern) => pattern.exec(shown)?.[1]).find((found) => found !== undefined);
  const { host, port } = AUTHORITY.exec(place ?? "")?.groups ?? {};
  const whole: Record<string, string> =
    host === undefined
      ? {}
      : {
          host,
          port: port ?? "443",
          name: port === undefined ? host : `${host}:${port}`,
          authority: `${host}:${port ?? "443"}`,
        };
  return { ...whole, ...Object.fromEntries(groups) };
}

function fill(template: string, words: Readonly<Record<string, string>>): string {
  return template.replaceAll(/(?<!\{)\{(\w+)\}/g, (_, key: string) =>
    printable(words[key] ?? key.replaceAll(/([a-z])([A-Z])/g, "$1-$2").toUpperCase()),
  );
}
