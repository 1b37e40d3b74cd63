/** One way of doing the thing that is measured. */
export interface Contender {
  readonly name: string;
  /** Untimed: brings the host to where `run` begins. */
  readonly prepare: () => Promise<void>;
  /** Timed. */
  readonly run: () => Promise<void>;
}

/** Times of one contender, milliseconds. */
export interface Timing {
  readonly name: string;
  readonly times: readonly number[];
}

/** Two contenders measured in turn, and how many times as long the first takes as the second. */
export interface Comparison {
  readonly what: string;
  readonly first: Timing;
  readonly second: Timing;
  /** Median of the ratios pair by pair, so that a machine that slows down slows both. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  /** What else was measured, as a sentence. */
  readonly remark?: string;
}

/** Runs both in turn, A B A B …, after one warm-up each that does not count. */
export async function interleave(what: string, first: Contender, second: Contender, runs: number): Promise<Comparison> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round <= runs; round++) {
    for (const [index, contender] of [first, second].entries()) {
      await contender.prepare();
      const started = performance.now();
      await contender.run();
      if (round > 0) times[index]?.push(performance.now() - started);
    }
  }
  const ratios = times[0].map((time, index) => time / (times[1][index] ?? Number.NaN)).sort((a, b) => a - b);
  return {
    what,
    first: { name: first.name, times: times[0] },
    second: { name: second.name, times: times[1] },
    ratio: median(ratios),
    lowest: ratios[0] ?? Number.NaN,
    highest: ratios.at(-1) ?? Number.NaN,
  };
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
