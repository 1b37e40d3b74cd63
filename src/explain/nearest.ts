import { catalogue, type FindingCode } from "../findings/catalogue.ts";

const MOST = 3;

/** The codes that are most like what was typed: first by letters that differ, then by the distance of the numbers. */
export function nearestCodes(text: string): readonly FindingCode[] {
  const wanted = text.toUpperCase();
  const codes = Object.keys(catalogue) as FindingCode[];
  return codes
    .map((code) => ({
      code,
      letters: letterDistance(code, wanted),
      number: Math.abs(numberIn(code) - numberIn(wanted)),
    }))
    .toSorted((a, b) => a.letters - b.letters || a.number - b.number || a.code.localeCompare(b.code))
    .slice(0, MOST)
    .map(({ code }) => code);
}

/** True for what can only be meant as a code: TLS-3, rc-tls-003. */
export function looksLikeCode(text: string): boolean {
  return /^(?:rc-)?[a-z]{2,4}-\d{1,4}$/i.test(text);
}

function numberIn(code: string): number {
  return Number(/\d+$/.exec(code)?.[0] ?? 0);
}

function letterDistance(code: string, wanted: string): number {
  const [ours, theirs] = [lettersIn(code), lettersIn(wanted)];
  return ours.split("").filter((letter, at) => theirs[at] !== letter).length + Math.abs(theirs.length - ours.length);
}

function lettersIn(code: string): string {
  return code.replace(/^RC-?/, "").replaceAll(/[^A-Z]/g, "");
}
