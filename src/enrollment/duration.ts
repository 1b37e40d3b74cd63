const UNITS: Readonly<Record<string, number>> = {
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
};
const LONGEST = 3650 * 86_400_000;

/**
 * Reads a length of time, in milliseconds: `14d`, `36h`, `90m`, `30s`, `2w`, or ISO 8601 as `P14D`, `PT36H`, `P1DT12H`.
 * Months and years, which have no fixed length, and more than ten years are undefined, as is any other text.
 */
export function parseDuration(text: string): number | undefined {
  const total = readShort(text) ?? readIso(text);
  return total === undefined || total > LONGEST ? undefined : total;
}

function readShort(text: string): number | undefined {
  const match = /^(\d{1,9})([wdhms])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (UNITS[match[2] ?? ""] ?? 0);
}

// ISO 8601-1:2019 section 5.5.2.2, without Y and M of the date part
function readIso(text: string): number | undefined {
  const match =
    /^P(?=\d|T\d)(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/.exec(text);
  if (match === null) return undefined;
  const parts = ["w", "d", "h", "m", "s"].map((unit, index) => Number(match[index + 1] ?? 0) * (UNITS[unit] ?? 0));
  return parts.reduce((sum, part) => sum + part, 0);
}
