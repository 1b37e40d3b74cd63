/** The mean of a stretch of seconds, its busiest second and its busiest minute, each as questions per second. */
export interface Rates {
  readonly mean: number;
  readonly busiestSecond: number;
  readonly busiestMinute: number;
}

/** What a stretch of a histogram by seconds comes to. */
export function measureRates(seconds: Uint32Array, from: number, to: number): Rates {
  const stretch = [...seconds.subarray(from, to)];
  const minutes: number[] = [];
  for (let at = 0; at < stretch.length; at += 60) minutes.push(meanOf(stretch.slice(at, at + 60)));
  return { mean: meanOf(stretch), busiestSecond: Math.max(...stretch), busiestMinute: Math.max(...minutes) };
}

/** How many seconds after `from` a share of `whole` has been reached; undefined: never. */
export function timeToShare(seconds: Uint32Array, from: number, share: number, whole: number): number | undefined {
  let sum = 0;
  for (let at = from; at < seconds.length; at += 1) {
    sum += seconds[at] ?? 0;
    if (sum >= share * whole) return at - from + 1;
  }
  return undefined;
}

/** The value below which a share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
