/** Bytes as people read them, in powers of ten: `100 MB`, `1.5 GB`. */
export function showBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB"];
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? value.toFixed(0) : Number(value.toFixed(1))} ${units[step]}`;
}

const LARGEST = 64e9;
const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
};

/** A number of bytes as people write it: `1048576`, `10M` and `10MB` (powers of ten), `10MiB`. Or why it is none. */
export function parseSize(text: string): number | { readonly reason: string } {
  const [, digits = "", unit = ""] = /^(\d{1,15}(?:\.\d{1,6})?) ?((?:[kmg]i?)?)b?$/i.exec(text.trim()) ?? [];
  const factor = FACTORS[unit.toLowerCase()];
  if (digits === "" || factor === undefined)
    return { reason: `"${text}" is not a number of bytes, as in 1048576, 10M (ten million) or 10MiB` };
  const bytes = Number(digits) * factor;
  if (!Number.isInteger(bytes)) return { reason: `"${text}" is not a whole number of bytes` };
  return bytes >= 1 && bytes <= LARGEST ? bytes : { reason: `it is not between 1 byte and ${showBytes(LARGEST)}` };
}
