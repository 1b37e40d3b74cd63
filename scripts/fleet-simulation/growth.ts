import type { MeasuredLoad } from "./load.ts";

const FLEETS = [10_000, 100_000, 1_000_000];
const SETTINGS = [
  { name: "default", intervalS: 15 * 60, spreadS: 2 * 60 },
  { name: "`interval: 1h`, `startSpread: 30m`", intervalS: 60 * 60, spreadS: 30 * 60 },
];

/** What fleets cost nginx and the wire, reckoned from one measured pass. */
export function tabulateGrowth({ serverMs, wireBytes }: MeasuredLoad): readonly string[] {
  const cost = (perSecond: number): string => {
    const cores = (perSecond * serverMs) / 1000;
    const megabits = (perSecond * wireBytes * 8) / 1e6;
    return `${perSecond.toFixed(0)} | ${cores.toFixed(2)} | ${megabits.toFixed(1)}`;
  };
  return [
    "| agents | schedule | passes per second | cores | Mbit/s | all started together | cores | Mbit/s |",
    "|---:|---|---:|---:|---:|---:|---:|---:|",
    ...SETTINGS.flatMap(({ name, intervalS, spreadS }) =>
      FLEETS.map(
        (agents) =>
          `| ${agents.toLocaleString("en")} | ${name} | ${cost(agents / intervalS)} | ${cost(agents / spreadS)} |`,
      ),
    ),
  ];
}
